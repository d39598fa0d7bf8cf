// Which view is for which type of Rust's libraries, by the crate it is from and its name. Where in the crate it lies moves from version to version.
import type { StructType } from '../../dwarf/type.ts';
import { leaf, type View } from './look.ts';
import { baseName } from './reading.ts';
import { addressView, ipv4View, ipv6View, socketView } from './rust-addresses.ts';
import { btreeMapView, btreeSetView } from './rust-btree.ts';
import {
  asyncMutexView,
  atomicView,
  cellView,
  cowView,
  guardView,
  lazyCellView,
  lazyLockView,
  maybeUninitView,
  mutexView,
  nonNullView,
  numberView,
  onceCellView,
  onceLockView,
  rcView,
  refCellView,
  rwLockView,
  transparentView,
  weakView,
} from './rust-cells.ts';
import { hashMapView, hashSetView, indexMapView, indexSetView } from './rust-hash.ts';
import { jsonMapView, jsonNumberView, jsonView } from './rust-json.ts';
import { charsView, heapView, iterView, linkedListView, vecDequeView, vecView } from './rust-sequences.ts';
import { borrowedTextView, cStringView, stringView } from './rust-strings.ts';
import { durationView, instantView, rangeView, systemTimeView } from './rust-time.ts';

type LibraryView = View<StructType>;

const phantomView: LibraryView = (_value, _type) => leaf('PhantomData', 'PhantomData');

const ALLOC: Readonly<Record<string, LibraryView>> = {
  Vec: vecView,
  VecDeque: vecDequeView,
  BinaryHeap: heapView,
  Cow: cowView,
  LinkedList: linkedListView,
  BTreeMap: btreeMapView,
  BTreeSet: btreeSetView,
  String: stringView,
  CString: cStringView,
  Rc: rcView,
  Arc: rcView,
  Weak: weakView,
};

const CORE: Readonly<Record<string, LibraryView>> = {
  Cell: cellView,
  RefCell: refCellView,
  OnceCell: onceCellView,
  LazyCell: lazyCellView,
  UnsafeCell: transparentView,
  SyncUnsafeCell: transparentView,
  ManuallyDrop: transparentView,
  MaybeDangling: transparentView,
  MaybeUninit: maybeUninitView,
  Pin: transparentView,
  NonNull: nonNullView,
  Unique: nonNullView,
  NonZero: numberView,
  Wrapping: transparentView,
  Saturating: transparentView,
  Ref: guardView,
  RefMut: guardView,
  PhantomData: phantomView,
  CStr: borrowedTextView,
  Duration: durationView,
  Range: rangeView,
  RangeFrom: rangeView,
  RangeTo: rangeView,
  RangeInclusive: rangeView,
  RangeToInclusive: rangeView,
  RangeFull: rangeView,
  Atomic: atomicView,
  Ipv4Addr: ipv4View,
  Ipv6Addr: ipv6View,
  IpAddr: addressView,
  SocketAddr: addressView,
  SocketAddrV4: socketView,
  SocketAddrV6: socketView,
  Chars: charsView,
};

const STD: Readonly<Record<string, LibraryView>> = {
  HashMap: hashMapView,
  HashSet: hashSetView,
  Mutex: mutexView,
  RwLock: rwLockView,
  OnceLock: onceLockView,
  LazyLock: lazyLockView,
  MutexGuard: guardView,
  RwLockReadGuard: guardView,
  RwLockWriteGuard: guardView,
  OsString: stringView,
  PathBuf: stringView,
  OsStr: borrowedTextView,
  Path: borrowedTextView,
  Instant: instantView,
  SystemTime: systemTimeView,
};

const CRATES: Readonly<Record<string, Readonly<Record<string, LibraryView>>>> = {
  alloc: ALLOC,
  core: CORE,
  std: STD,
  hashbrown: { HashMap: hashMapView, HashSet: hashSetView },
  indexmap: { IndexMap: indexMapView, IndexSet: indexSetView },
  futures_util: { Mutex: asyncMutexView },
  serde_json: { Value: jsonView, Number: jsonNumberView, Map: jsonMapView },
};

/** Undefined: it is shown as any struct or enum. */
export function libraryView(type: StructType): LibraryView | undefined {
  const [crate = ''] = type.namespace;
  const views = Object.hasOwn(CRATES, crate) ? CRATES[crate] : undefined;
  // what `thread_local!` keeps a value in that needs no dropping
  if (type.name.startsWith('EagerStorage<') && type.namespace.includes('thread_local')) return transparentView;
  // std's own parts of the same names: std::sys::sync::mutex::no_threads::Mutex
  if (views === undefined || type.namespace.includes('sys')) return undefined;
  const name = baseName(type.name);
  // of the many types of these names
  if (/^Iter(?:Mut)?$/.test(name) && type.namespace[1] === 'slice') return iterView;
  if (crate === 'std' && type.namespace[1] === 'io' && (name === 'Error' || name === 'Repr')) return transparentView;
  if (name === 'IntoIter' && type.namespace[1] === 'vec') return iterView;
  if (Object.hasOwn(views, name)) return views[name];
  if (crate !== 'core') return undefined;
  // before they were generic
  if (/^NonZero[IU]/.test(name)) return numberView;
  return /^Atomic(?:Bool|Ptr|[IU](?:8|16|32|64|128|size))$/.test(name) ? atomicView : undefined;
}
