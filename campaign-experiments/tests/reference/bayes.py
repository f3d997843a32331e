"""Makes the fixtures of tests/reference.rs: `python3 bayes.py OUT_DIR` (mpmath 1.3.0, 36 digits).

Independent of the library's quadrature: if theta ~ Beta(a, b), ln(theta / (1 - theta)) has the
characteristic function Gamma(a + it) Gamma(b - it) / (Gamma(a) Gamma(b)), ln(theta) has
Gamma(a + it) Gamma(a + b) / (Gamma(a) Gamma(a + b + it)), and the inversion formula of Gil-Pelaez (1951)
gives every probability below; by the trapezoidal rule, whose error for these is that of the tail beyond
the period. Probabilities of being the best of ten small arms are exact rational numbers.
"""
import sys
from fractions import Fraction
from math import comb
import mpmath as mp
from scipy import special

mp.mp.dps = 36
out = sys.argv[1]
f = mp.mpf


def log_cf(a, b):
    n = mp.loggamma(a) + mp.loggamma(b)
    return lambda t: mp.loggamma(mp.mpc(a, t)) + mp.loggamma(mp.mpc(b, -t)) - n


def above(cf, point, period):
    """P(Z > point) for the logarithm cf of a characteristic function; |Z - point| < period / 2 in effect."""
    h = 2 * mp.pi / period
    total, k = f(0), 0
    while True:
        t = h * (k + f(1) / 2)  # the midpoint rule, which needs no value at 0
        c = mp.exp(cf(t) - mp.mpc(0, t * point))
        total += c.imag / t
        if abs(c) < mp.mpf(10) ** -26 * t:
            break
        k += 1
    return f(1) / 2 + h * total / mp.pi


def reach(a, b):
    """How far the logit of Beta(a, b) strays, in effect."""
    return 16 * mp.sqrt(1 / a + 1 / b) + 90 / a + 90 / b if min(a, b) < 50 else 22 * mp.sqrt(1 / a + 1 / b)


def greater(a1, b1, a2, b2):
    """P(Beta(a2, b2) > Beta(a1, b1))."""
    one, two = log_cf(a1, b1), log_cf(a2, b2)
    centre = abs(mp.log(a2 / b2) - mp.log(a1 / b1))
    period = reach(a1, b1) + reach(a2, b2) + 2 * centre
    return above(lambda t: two(t) + mp.conj(one(t)), f(0), period)


def loss(a1, b1, a2, b2):
    """E[max(theta1 - theta2, 0)]."""
    return a1 / (a1 + b1) * greater(a2, b2, a1 + 1, b1) - a2 / (a2 + b2) * greater(a2 + 1, b2, a1, b1)


def show(x):
    return mp.nstr(x, 20, min_fixed=0, max_fixed=0)


pairs = [
    ("1", "1", "1", "1"), ("2", "1", "1", "1"), ("0.5", "0.5", "0.5", "0.5"), ("0.5", "0.5", "3", "2"),
    ("0.1", "0.3", "0.2", "0.2"), ("0.05", "5", "0.05", "8"), ("0.5", "1000.5", "1.5", "999.5"),
    ("0.5", "1e8", "3.5", "1e8"), ("1", "1e6", "2", "1e6"), ("31", "971", "46", "956"), ("11", "91", "31", "71"),
    ("101", "9901", "131", "9871"), ("101", "9901", "171", "9831"), ("5001", "95001", "5201", "94801"),
    ("20001", "980001", "20401", "979601"), ("20001", "980001", "21401", "978601"),
    ("500001", "500001", "501001", "499001"), ("2000001", "98000001", "2003001", "97997001"),
    ("50000001", "50000001", "50010001", "49990001"), ("99999001", "1001", "99999101", "901"),
    ("99999999", "1.5", "99999998", "2.5"), ("11", "9991", "200001", "99800001"), ("3", "5", "50000001", "70000001"),
    ("1e6", "1e8", "1e6", "1e8"), ("980001", "20001", "979601", "20401"), ("40", "3", "30", "12"),
]
with open(f"{out}/pairs.csv", "w") as file:
    file.write("a1,b1,a2,b2,p_greater,loss_of_2,loss_of_1\n")
    for pair in pairs:
        p = [f(x) for x in pair]
        q = p[2:] + p[:2]
        file.flush()
        file.write(",".join(pair) + f",{show(greater(*p))},{show(loss(*p))},{show(loss(*q))}\n")

with open(f"{out}/quantiles.csv", "w") as file:
    file.write("a,b,level,quantile,above\n")
    for a, b in [("1", "1"), ("0.5", "0.5"), ("2", "7"), ("0.3", "40"), ("31", "971"), ("1001", "3"), ("20001", "980001"),
                 ("1e6", "1e8"), ("5e7", "5e7"), ("1.5", "1e8")]:
        for level in ("0.001", "0.025", "0.5", "0.9", "0.975"):
            cf, a_, b_ = log_cf(f(a), f(b)), f(a), f(b)
            period = 2 * (reach(a_, b_) + 5)
            y = mp.log(f(special.betaincinv(float(a), float(b), float(level))))
            y -= mp.log(-mp.expm1(y))
            # Newton's method on the survival function of the logit.
            for _ in range(3):
                density = mp.exp(a_ * y - (a_ + b_) * mp.log1p(mp.exp(y)) - mp.log(mp.beta(a_, b_)))
                y -= (1 - above(cf, y, period + 2 * abs(y)) - f(level)) / density
            x = 1 / (1 + mp.exp(-y))
            file.write(f"{a},{b},{level},{show(x)},{show(1 - f(level))}\n")

with open(f"{out}/lifts.csv", "w") as file:
    file.write("a1,b1,a2,b2,lift,cdf\n")
    for a1, b1, a2, b2 in [("31", "971", "46", "956"), ("101", "9901", "131", "9871"), ("5001", "95001", "5201", "94801"),
                           ("2000001", "98000001", "2003001", "97997001"), ("60", "40", "70", "35"), ("500001", "500001", "501001", "499001")]:
        A1, B1, A2, B2 = map(f, (a1, b1, a2, b2))
        norm = mp.loggamma(A2) - mp.loggamma(A2 + B2) + mp.loggamma(A1) - mp.loggamma(A1 + B1)

        def cf(t):
            return (mp.loggamma(mp.mpc(A2, t)) - mp.loggamma(mp.mpc(A2 + B2, t))
                    + mp.loggamma(mp.mpc(A1, -t)) - mp.loggamma(mp.mpc(A1 + B1, -t)) - norm)
        for z in (-3, -1, 0, 1, 2.5):
            sd = mp.sqrt(1 / A1 + 1 / A2)
            lift = float(mp.expm1(mp.log(A2 / (A2 + B2) * (A1 + B1) / A1) + z * sd))
            period = 100 * sd
            file.write(f"{a1},{b1},{a2},{b2},{lift!r},{show(1 - above(cf, mp.log1p(f(lift)), period))}\n")


def best_exact(arms):
    """P(best) and E[max] for integer shapes, as rational numbers: polynomials in x."""
    def mul(p, q):
        r = [Fraction(0)] * (len(p) + len(q) - 1)
        for i, x in enumerate(p):
            if x:
                for j, y in enumerate(q):
                    r[i + j] += x * y
        return r
    cdf, pdf = [], []
    for a, b in arms:
        n = a + b - 1
        density = [Fraction(0)] * (n + 1)
        scale = n * comb(n - 1, a - 1)
        for k in range(b):
            density[a - 1 + k] = Fraction(scale * comb(b - 1, k) * (-1) ** k)
        pdf.append(density)
        cdf.append([Fraction(0)] + [c / (i + 1) for i, c in enumerate(density)])
    p = []
    for i in range(len(arms)):
        product = pdf[i]
        for j in range(len(arms)):
            if j != i:
                product = mul(product, cdf[j])
        p.append(sum(c / (k + 1) for k, c in enumerate(product)))
    product = [Fraction(1)]
    for c in cdf:
        product = mul(product, c)
    return p, 1 - sum(c / (k + 1) for k, c in enumerate(product))


def best_fourier(arms):
    """The same by the trapezoidal rule on the logit scale, each distribution function by inversion."""
    arms = [(f(a), f(b)) for a, b in arms]
    low = max(mp.log(a / b) - 14 * mp.sqrt(1 / a + 1 / b) for a, b in arms)
    high = max(mp.log(a / b) + 14 * mp.sqrt(1 / a + 1 / b) for a, b in arms)
    h = min(mp.sqrt(1 / a + 1 / b) for a, b in arms) / 4
    p, steps = [f(0)] * len(arms), int((high - low) / h) + 1
    for k in range(steps):
        y = low + k * h
        F = []
        for a, b in arms:
            z = (y - mp.log(a / b)) / mp.sqrt(1 / a + 1 / b)
            F.append(f(z > 0) if abs(z) > 14 else 1 - above(log_cf(a, b), y, 2 * reach(a, b) + 4 * abs(y - mp.log(a / b))))
        for i, (a, b) in enumerate(arms):
            density = mp.exp(a * y - (a + b) * mp.log1p(mp.exp(y)) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b))
            rest = f(1)
            for j in range(len(arms)):
                if j != i:
                    rest *= F[j]
            p[i] += h * density * rest
    assert abs(sum(p) - 1) < f(10) ** -15, sum(p)
    return p


with open(f"{out}/best.csv", "w") as file:
    file.write("shapes,p_best,e_max\n")
    for arms in [[(1, 1)] * 3, [(2, 5), (3, 4), (1, 8)], [(1, 12), (2, 11), (3, 10), (2, 9), (1, 9), (4, 12), (2, 13), (3, 12), (1, 6), (5, 14)],
                 [(9, 2), (8, 3), (1, 10), (10, 1), (9, 3), (7, 2), (6, 6), (3, 8), (2, 2), (1, 1), (8, 1)]]:
        p, e = best_exact(arms)
        show_all = ";".join(show(f(x.numerator) / x.denominator) for x in p)
        file.write(";".join(f"{a} {b}" for a, b in arms) + f",{show_all},{show(f(e.numerator) / e.denominator)}\n")
    mp.mp.dps = 28
    for arms in [[(60 + 3 * k, 2940 - 3 * k) for k in range(10)],
                 [(20001, 980001), (20301, 979701), (2031, 97971), (205, 9797)],
                 [(1000001, 99000001), (1000501, 98999501), (998001, 99002001), (1001001, 98999001), (10101, 989901)]]:
        file.write(";".join(f"{a} {b}" for a, b in arms) + "," + ";".join(show(x) for x in best_fourier(arms)) + ",\n")
