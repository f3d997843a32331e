//! The comparison as tables, for a person at a terminal.

use std::fmt;

use super::answer::Answer;
use super::interval::Interval;
use super::policy::Policy;

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.first_day.map_or(String::new(), |day| day.to_string());
        let ads = |which: &str| self.ads.get(which).copied().unwrap_or(f64::NAN);
        writeln!(
            f,
            "{} weeks from {from}, {} seeds, {:.2} {} a week; {:.1} ads running, {:.1} launched",
            self.weeks,
            self.seeds.len(),
            self.weekly_budget,
            self.currency,
            ads("running"),
            ads("launched"),
        )?;
        writeln!(f, "\n{:<28}{:^26}{:>10}", "cumulative ROAS", "mean, 95 % interval", "expected")?;
        for row in &self.policies {
            let (label, expected) = (row.policy.label(), row.expected_roas.mean);
            writeln!(f, "{label:<28}{:<26}{expected:>10.3}", Shown(row.roas, false))?;
        }
        writeln!(
            f,
            "\n{:<28}{:^26}{:>10}{:>8}",
            "the loop minus", "paired by seed", "expected", "ahead"
        )?;
        for row in &self.differences {
            let (label, expected) = (row.against.label(), row.expected_roas.mean);
            let ahead = format!("{}/{}", row.ahead, self.seeds.len());
            writeln!(f, "{label:<28}{:<26}{expected:>+10.3}{ahead:>8}", Shown(row.roas, true))?;
        }
        writeln!(f, "\nshare of the gain over last week's split that the loop makes")?;
        for row in &self.gain_share {
            let (share, expected) = (Known(row.share), Known(row.expected_share.map(bare)));
            writeln!(f, "{:<28}{share:<26}{expected:>10}", row.of.label())?;
        }
        writeln!(f, "\nROAS by week")?;
        write!(f, "{:<12}", "from")?;
        for policy in Policy::ALL {
            write!(f, "{:>17}", policy.key())?;
        }
        writeln!(f)?;
        for row in &self.weekly {
            write!(f, "{:<12}", row.first_day.map_or(String::new(), |day| day.to_string()))?;
            for policy in Policy::ALL {
                let roas = row.roas.get(policy.key()).copied().unwrap_or(f64::NAN);
                write!(f, "{roas:>17.3}")?;
            }
            writeln!(f)?;
        }
        write!(f, "\nforecasts of the loop: ")?;
        for (by, count) in &self.used.forecast {
            write!(f, "{count} by {by}, ")?;
        }
        writeln!(f, "{} of {} steps without a plan", self.used.without_plan, self.used.steps)
    }
}

/// The mean alone.
const fn bare(interval: Interval) -> Interval {
    Interval { low: None, high: None, ..interval }
}

/// A share, if there is one.
struct Known(Option<Interval>);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(share) => Shown(share, true).fmt(f),
            None => f.pad("unknown"),
        }
    }
}

/// A mean with its interval, signed or not.
struct Shown(Interval, bool);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |x: f64| if self.1 { format!("{x:+.3}") } else { format!("{x:.3}") };
        let text = match (self.0.low, self.0.high) {
            (Some(low), Some(high)) => {
                format!("{} ({} to {})", number(self.0.mean), number(low), number(high))
            }
            _ => number(self.0.mean),
        };
        f.pad(&text)
    }
}
