/** The rows of one stretch. Drawn again only when something in it has changed. */
import { memo } from 'react';
import { plainName } from '../names.ts';
import { DayRow } from './DayRow.tsx';
import { MessageRow } from './MessageRow.tsx';
import { NoticeRow } from './NoticeRow.tsx';
import { SignalRow } from './SignalRow.tsx';
import { TimersRow } from './TimersRow.tsx';
import { isSameStretch, rowsOf } from './rows.ts';
import type { Row, Stretch } from './rows.ts';

interface StretchRowsProps extends Whose {
  readonly stretch: Stretch;
}

interface Whose {
  readonly me: string;
  readonly names: ReadonlyMap<string, string>;
}

export const StretchRows = memo(
  function StretchRows({ stretch, me, names }: StretchRowsProps) {
    return rowsOf(stretch.items, stretch.previous).map((row) => (
      <TimelineRow key={row.key} row={row} me={me} names={names} />
    ));
  },
  (one, other) =>
    one.me === other.me && one.names === other.names && isSameStretch(one.stretch, other.stretch),
);

function TimelineRow({ row, me, names }: Whose & { readonly row: Row }) {
  switch (row.kind) {
    case 'day':
      return <DayRow at={row.at} />;
    case 'notice':
      return <NoticeRow item={row.item} names={names} me={me} />;
    case 'signal':
      return <SignalRow item={row.item} />;
    case 'timers':
      return <TimersRow items={row.items} names={names} />;
    case 'message': {
      const { item, isFirst } = row;
      return (
        <MessageRow
          item={item}
          isFirst={isFirst}
          isMine={item.author === me}
          name={names.get(item.author) ?? plainName(item.author)}
        />
      );
    }
  }
}
