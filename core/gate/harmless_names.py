"""Names that lead a program to no later bar: of Python, of the modules that it imports, and of Backtrader's objects."""

import array
import datetime
import types
from collections import Counter, OrderedDict, defaultdict, deque

_FUNCTIONS = """
abs all any bool dict divmod enumerate filter float frozenset int isinstance issubclass iter len list map max min next object pow print
property range repr reversed round set slice sorted staticmethod str sum super tuple zip callable chr ord ArithmeticError
AssertionError AttributeError Exception IndexError KeyError LookupError NameError NotImplementedError OverflowError RuntimeError
StopIteration TypeError ValueError ZeroDivisionError NotImplemented Ellipsis
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Built-in names. Whoever loops over a line with them asks it for bar after bar, and the guard on lines sees that."""

_BACKTRADER = """
Strategy Indicator Sizer Order OrderBase Trade TimeFrame And Or If Max Min Sum All Any Cmp CmpEx DivByZero DivZeroByZero num2date date2num
sizers ind indicators utils
"""
_ARITHMETIC = """
acos asin atan atan2 cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 expm1 fabs factorial floor fmod frexp fsum gamma
gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan perm pi pow prod radians remainder sin
sinh sqrt tan tanh tau trunc
"""
_ARRAYS = """
abs absolute all any append arange argmax argmin argsort array asarray average bool_ ceil clip concatenate corrcoef cov cumprod cumsum
diff dot exp eye float32 float64 floor full gradient histogram inf int32 int64 interp isclose isfinite isinf isnan linspace log
log10 log1p log2 logical_and logical_not logical_or max maximum mean median min minimum nan nanmax nanmean nanmin nanstd nansum
number ones percentile pi poly1d polyfit polyval power prod ptp quantile ravel round sign sort sqrt square stack std sum tanh unique var
vstack hstack where zeros zeros_like
"""
_OTHER_MODULES = """
__future__: absolute_import annotations division generator_stop print_function unicode_literals
backtrader.utils: date2num num2date
backtrader.utils.date: date2num num2date
backtrader.sizers: AllInSizer AllInSizerInt FixedReverser FixedSize PercentSizer PercentSizerInt SizerFix
bisect: bisect bisect_left bisect_right insort insort_left insort_right
calendar: FRIDAY MONDAY SATURDAY SUNDAY THURSDAY TUESDAY WEDNESDAY isleap monthrange weekday
collections: Counter OrderedDict defaultdict deque
datetime: date datetime time timedelta timezone
dataclasses: dataclass field
decimal: Decimal ROUND_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP
enum: Enum IntEnum auto
fractions: Fraction
functools: partial reduce
heapq: heapify heappop heappush nlargest nsmallest
itertools: accumulate chain combinations count cycle groupby islice pairwise product repeat takewhile
numpy.random: choice normal rand randint randn random seed uniform
operator: abs add and_ eq floordiv ge gt itemgetter le lt mod mul ne neg not_ or_ sub truediv
random: Random choice gauss randint random randrange sample seed shuffle uniform
statistics: correlation fmean geometric_mean linear_regression mean median mode pstdev pvariance stdev variance
typing: Any Callable ClassVar Deque Dict Final Iterable List Literal Optional Sequence Set Tuple Union
"""


def _read_modules(text: str) -> dict[str, frozenset[str]]:
    """Read a module with its names from each line; one that begins with a space belongs to the line before."""
    entries = (entry.partition(":") for entry in text.strip().replace("\n  ", " ").splitlines())
    return {module: frozenset(names.split()) for module, _, names in entries}


MODULES = {
    "backtrader": frozenset(_BACKTRADER.split()),
    "math": frozenset(_ARITHMETIC.split()),
    "numpy": frozenset(_ARRAYS.split()),
    **_read_modules(_OTHER_MODULES),
}
"""By module: what a program may take of it. None of it reaches into an object that is given to it but by reading it as anybody does."""

_OF_PYTHON = """
append appendleft add clear copy count difference discard extend get index insert intersection isdisjoint issubset issuperset items keys
most_common pop popitem popleft remove reverse rotate setdefault sort union update values maxlen capitalize center endswith find isdigit
join ljust lower lstrip replace rjust rstrip split startswith strip title upper zfill is_integer as_integer_ratio bit_length combine date
datetime day days fromisoformat fromordinal hour isocalendar isoformat isoweekday microsecond microseconds minute month second seconds
strftime strptime time timestamp toordinal total_seconds tzinfo week weekday year utc quantize all any argmax argmin argsort astype
cumprod cumsum dot flatten max mean min prod ravel reshape round shape std sum T tolist var ndim name value choice gauss randint random
randrange sample shuffle uniform
"""
_OF_ENGINE = """
data datas lines l open high low close volume openinterest _name params p position broker buy sell cancel buy_bracket sell_bracket
order_target_size order_target_value order_target_percent getposition getpositionbyname getsizing getdatabyname getdatanames sizer
setsizer strategy num2date date2num getvalue getcash get_value get_cash getcommissioninfo startingcash cash getsize commission mult
executed created size price pricelimit comm pnl pnlcomm margin remsize dt status ref getstatusname getordername isbuy issell alive ordtype
exectype info addinfo tradeid ExecType Status Created Submitted Accepted Partial Completed Canceled Cancelled Expired Margin Rejected
Market Close Limit Stop StopLimit StopTrail StopTrailLimit Buy Sell trailamount trailpercent valid transmit parent oco isclosed isopen
justopened barlen baropen barclose dtopen dtclose open_datetime close_datetime long getdataname price_orig upopened upclosed adjbase Days
Minutes Weeks Months timeframe compression _timeframe _compression crossover crossdown crossup
"""
PARTS = frozenset((*_OF_PYTHON.split(), *_OF_ENGINE.split()))
"""Parts of any object that a program may name: on none that it can come by do they give more than what has happened."""
OF_ITSELF = frozenset(("next", "prenext", "nextstart", "start", "stop", "notify_order", "notify_trade", "log"))
"""Methods that a strategy may call on itself and of its base class; a feed has some of the same name, which move it."""
CALLBACKS = OF_ITSELF | frozenset(("__init__", "notify_cashvalue", "notify_fund", "_getsizing"))
"""Methods that a class may have under a name of Backtrader's."""

_OWN_ANYWAY = """
order orders price size value cash trades signal dates count index pnl comm status info name mean std high low open volume max min sum
median entry bar bars level log commission margin history day month year week hour time date weekday long short closed opened profit
target side direction step state prices window limit limits
"""
OWN_ANYWAY = frozenset(_OWN_ANYWAY.split())
"""Names of Backtrader's, or of Python's, that programs like to give to what is their own, and that lead to no bar wherever they stand."""

_KINDS = (
    *(int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, slice, range, object, type, memoryview, property),
    *(
        BaseException,
        OSError,
        UnicodeError,
        StopIteration,
        AttributeError,
        NameError,
        ImportError,
        SyntaxError,
        array.array,
        deque,
        defaultdict,
        OrderedDict,
        Counter,
    ),
    *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta),
    *(types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType),
    *(types.FrameType, types.CodeType, types.TracebackType, types.ModuleType, types.CellType),
)
_OF_ARRAYS = """
base byteswap ctypes data device dtype dump dumps fill flags flat getfield imag itemset itemsize nbytes newbyteorder partition put real
resize searchsorted setfield setflags size strides tobytes tofile view
"""
"""Of numpy's arrays, as far as they lead to their memory or out of the process."""
PARTS_OF_PYTHON = frozenset((*(name for kind in _KINDS for name in dir(kind)), *_OF_ARRAYS.split()))
"""Names that objects of Python's own have: under one of them a program finds more than what it put there."""
