// A button that opens a list: check marks or commands. Arrows move, Enter and Space choose, Escape and a click elsewhere close.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, IconButton } from './icon.tsx';

interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: string;
  /** Of an item that is on or off. */
  readonly checked?: boolean;
  readonly choose: () => void;
}

interface Props {
  readonly icon: string;
  readonly label: string;
  /** Made when the menu opens, so that it may ask for them first. */
  readonly items: readonly MenuItem[];
  readonly onOpen?: () => void;
  readonly empty?: string;
  readonly className?: string;
  readonly children?: ComponentChildren;
}

export function Menu({ icon, label, items, onOpen, empty, className = '', children }: Props) {
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const whole = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (focus: boolean) => {
    setOpen(false);
    if (focus) whole.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: PointerEvent) => {
      if (event.target instanceof Node && !whole.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', elsewhere, true);
    return () => document.removeEventListener('pointerdown', elsewhere, true);
  }, [open]);
  useEffect(() => {
    if (open) (list.current?.children[at] as HTMLElement | undefined)?.focus();
  }, [open, at]);
  const choose = (item: MenuItem) => {
    item.choose();
    if (item.checked === undefined) close(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = items.length - 1;
    if (event.key === 'ArrowDown') setAt(at >= last ? 0 : at + 1);
    else if (event.key === 'ArrowUp') setAt(at <= 0 ? last : at - 1);
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(last);
    else if (event.key === 'Escape') close(true);
    else if (event.key === 'Tab') return close(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class={`menu-anchor ${className}`} ref={whole}>
      <IconButton
        icon={icon}
        label={label}
        popup
        expanded={open}
        onClick={() => {
          if (!open) onOpen?.();
          setAt(0);
          setOpen(!open);
        }}
      >
        {children}
      </IconButton>
      {open && (
        <div class="menu" role="menu" aria-label={label} ref={list} onKeyDown={onKeyDown}>
          {items.length === 0 && (
            <div class="menu-empty" role="menuitem" aria-disabled="true" tabIndex={-1}>
              {empty}
            </div>
          )}
          {items.map((item, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: its role is one of two
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: undefined for the other
            <div
              key={item.id}
              class="menu-item"
              role={item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
              aria-checked={item.checked}
              tabIndex={index === at ? 0 : -1}
              onClick={() => choose(item)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                event.stopPropagation();
                choose(item);
              }}
            >
              <Icon name={item.checked ? 'check' : (item.icon ?? 'blank')} />
              <span class="menu-label">{item.label}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
