/** What a message offers beside its text, part by part. */
import type { MessageItem } from '@convene/client';
import { ActionRow } from './ActionRow.tsx';
import { CardView } from './CardView.tsx';
import { FormView } from './FormView.tsx';

export function Offers({ item }: { readonly item: MessageItem }) {
  return item.parts.map((part, index) => {
    switch (part.type) {
      case 'actions':
        // Quick replies stand above the composer.
        return part.layout === 'quick_replies' ? null : (
          <ActionRow
            key={index}
            item={item}
            part={index}
            offer={part}
            actions={part.actions}
            isList={part.layout === 'choices'}
          />
        );
      case 'card':
        return <CardView key={index} item={item} part={index} card={part} />;
      case 'form':
        return <FormView key={index} item={item} part={index} form={part} />;
      default:
        return null;
    }
  });
}
