//! Groups on the two sides of a split.

use campaign_core::Dataset;

use super::error::SplitError;

/// Whether a group (an ad, a campaign) may stand on both sides of a split, and which rows go if not.
///
/// A model that saw an ad's past knows more about its future than about a new ad's. Which of the two
/// is wanted depends on what the model is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum GroupRule {
    /// It may: how well known groups are predicted.
    #[default]
    Shared,
    /// Validation rows of groups that train are left out: how well new groups are predicted.
    ValidateNew,
    /// Training rows of groups that validate are left out.
    TrainOthers,
    /// These groups validate and do not train, all others train and do not validate. For groups that
    /// run through all of the time, where the other rules leave nothing.
    HoldOut(Vec<u32>),
}

impl GroupRule {
    fn name(&self) -> &'static str {
        match self {
            Self::Shared => "sharing groups",
            Self::ValidateNew => "validating on new groups",
            Self::TrainOthers => "training on other groups",
            Self::HoldOut(_) => "holding out groups",
        }
    }

    /// The rows that are left of each side.
    pub(super) fn apart(
        &self,
        data: &Dataset,
        mut train: Vec<usize>,
        mut valid: Vec<usize>,
    ) -> Result<(Vec<usize>, Vec<usize>), SplitError> {
        if *self == Self::Shared {
            return Ok((train, valid));
        }
        let groups = data.groups().ok_or(SplitError::NoGroups)?;
        let of = |row: &usize| groups.get(*row).copied().unwrap_or_default();
        let sorted = |mut groups: Vec<u32>| {
            groups.sort_unstable();
            groups
        };
        let before = (train.len(), valid.len());
        match self {
            Self::Shared => {}
            Self::ValidateNew => {
                let known = sorted(train.iter().map(of).collect());
                valid.retain(|row| known.binary_search(&of(row)).is_err());
            }
            Self::TrainOthers => {
                let judged = sorted(valid.iter().map(of).collect());
                train.retain(|row| judged.binary_search(&of(row)).is_err());
            }
            Self::HoldOut(held) => {
                let held = sorted(held.clone());
                train.retain(|row| held.binary_search(&of(row)).is_err());
                valid.retain(|row| held.binary_search(&of(row)).is_ok());
            }
        }
        let rule = self.name();
        if train.is_empty() {
            return Err(SplitError::GroupsLeaveNothing { rule, side: "training", rows: before.0 });
        }
        if valid.is_empty() {
            return Err(SplitError::GroupsLeaveNothing {
                rule,
                side: "validation",
                rows: before.1,
            });
        }
        Ok((train, valid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_group_never_stands_on_both_sides_and_no_row_goes_in_vain(
            sides in prop::collection::vec((0_u32..6, any::<bool>()), 1..40),
            held in prop::collection::vec(0_u32..6, 0..4),
        ) {
            let n = sides.len();
            let groups: Vec<u32> = sides.iter().map(|s| s.0).collect();
            let data = Dataset::new(vec![], Array2::zeros((n, 0)))
                .and_then(|d| d.with_groups(groups.clone()))
                .unwrap();
            let side = |train: bool| (0..n).filter(|&row| sides[row].1 == train).collect::<Vec<_>>();
            let has = |rows: &[usize], group| rows.iter().any(|&row| groups[row] == group);
            for rule in [
                GroupRule::ValidateNew,
                GroupRule::TrainOthers,
                GroupRule::HoldOut(held.clone()),
            ] {
                let (all_train, all_valid) = (side(true), side(false));
                let keeps = |row: usize| match &rule {
                    GroupRule::ValidateNew => sides[row].1 || !has(&all_train, groups[row]),
                    GroupRule::TrainOthers => !sides[row].1 || !has(&all_valid, groups[row]),
                    _ => held.contains(&groups[row]) != sides[row].1,
                };
                let want = |train: bool| -> Vec<usize> {
                    side(train).into_iter().filter(|&row| keeps(row)).collect()
                };
                match rule.apart(&data, side(true), side(false)) {
                    Ok((train, valid)) => {
                        prop_assert!(train.iter().all(|&row| !has(&valid, groups[row])));
                        prop_assert_eq!((train, valid), (want(true), want(false)));
                    }
                    Err(SplitError::GroupsLeaveNothing { side: which, .. }) => {
                        prop_assert!(want(which == "training").is_empty());
                    }
                    Err(error) => prop_assert!(false, "{}", error),
                }
            }
        }
    }

    #[test]
    fn groups_are_needed_only_where_a_rule_asks() {
        let data = Dataset::new(vec![], Array2::zeros((2, 0))).unwrap();
        assert!(GroupRule::Shared.apart(&data, vec![0], vec![1]).is_ok());
        let error = GroupRule::ValidateNew.apart(&data, vec![0], vec![1]).unwrap_err();
        assert_eq!(error, SplitError::NoGroups);
        let data = data.with_groups(vec![3, 3]).unwrap();
        let error = GroupRule::ValidateNew.apart(&data, vec![0], vec![1]).unwrap_err();
        assert_eq!(error.to_string(), "validating on new groups leaves no validation row of 1");
    }
}
