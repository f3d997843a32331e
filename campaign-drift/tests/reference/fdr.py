"""Prints the table of tests/monitoring.rs: scipy.stats.false_discovery_control (SciPy 1.17.1)."""
from scipy import stats
p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
p = [p[(7 * k) % 15] for k in range(15)]
print(p)
print([float(x) for x in stats.false_discovery_control(p)])
