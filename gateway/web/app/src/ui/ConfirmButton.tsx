/** A button that asks once more before it does what cannot be undone. */
import { useState } from 'react';
import { Button } from './Button.tsx';

interface ConfirmButtonProps {
  readonly words: string;
  readonly sure: string;
  readonly small?: boolean;
  readonly onConfirm: () => void;
}

export function ConfirmButton({ words, sure, small, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <Button
      look={isAsking ? 'danger' : 'quiet'}
      small={small ?? false}
      onBlur={() => {
        setAsking(false);
      }}
      onClick={() => {
        if (isAsking) onConfirm();
        setAsking(!isAsking);
      }}
    >
      <span aria-live="polite">{isAsking ? sure : words}</span>
    </Button>
  );
}
