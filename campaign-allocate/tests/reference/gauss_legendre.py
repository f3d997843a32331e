"""Nodes, weights and partial-integration matrix of the 8-point Gauss-Legendre rule on [0, 1], for src/bandit/law.rs.

Row n of the matrix integrates the interpolating polynomial from 0 to node n. Needs mpmath.
"""
import numpy as np
from mpmath import mp, mpf, legendre, diff, findroot, quad
mp.dps = 40
n = 8
x = [findroot(lambda t: legendre(n, t), mpf(float(guess))) for guess in np.polynomial.legendre.leggauss(n)[0]]
nodes = [(t + 1) / 2 for t in x]
weights = [1 / ((1 - t * t) * diff(lambda s: legendre(n, s), t) ** 2) for t in x]

def cardinal(m, t):
    p = mpf(1)
    for k in range(n):
        if k != m:
            p *= (t - nodes[k]) / (nodes[m] - nodes[k])
    return p

row = lambda values: "[" + ", ".join(repr(float(v)) for v in values) + "],"
print("NODES", row(nodes)); print("WEIGHTS", row(weights))
for node in nodes:
    print(row([quad(lambda t: cardinal(m, t), [0, node]) for m in range(n)]))
