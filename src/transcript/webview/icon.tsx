// A codicon, hidden from screen readers unless it has words of its own; and the button that is only an icon.
import type { ComponentChildren } from 'preact';

export function Icon({ name, words, className = '' }: { name: string; words?: string; className?: string }) {
  const shown = `codicon codicon-${name} ${className}`;
  if (words === undefined) return <span class={shown} aria-hidden="true" />;
  return <span class={shown} role="img" aria-label={words} title={words} />;
}

export interface IconButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly pressed?: boolean | undefined;
  readonly expanded?: boolean | undefined;
  readonly popup?: boolean;
  readonly disabled?: boolean;
  readonly children?: ComponentChildren;
  readonly className?: string;
  readonly tabIndex?: number;
}

export function IconButton(props: IconButtonProps) {
  const {
    icon,
    label,
    onClick,
    pressed,
    expanded,
    popup,
    disabled = false,
    children,
    className = '',
    tabIndex,
  } = props;
  return (
    <button
      type="button"
      class={`icon-button ${className}`}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-haspopup={popup ? 'true' : undefined}
      disabled={disabled}
      tabIndex={tabIndex}
      onClick={onClick}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}
