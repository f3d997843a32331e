//! Parts of a tree in any order to a [`Tree`].

use super::super::tree::{Child, Leaf, Node, Test, Tree};

/// A node or leaf as a file has it.
#[derive(Debug)]
pub(super) enum Part {
    /// A node; its children are positions among the parts.
    Split { feature: u32, test: Test, missing_left: bool, left: usize, right: usize, gain: f64 },
    /// A leaf.
    Leaf(Leaf),
}

/// The tree below the first part. Parts that are not below it are left out.
///
/// A node's cover and rows are the sums of its leaves'.
///
/// # Errors
/// What is wrong, where a child is not among the parts, a part has two parents or leads back, or a
/// number is not finite.
pub(super) fn assemble(parts: Vec<Part>) -> Result<Tree, &'static str> {
    let mut parts: Vec<Option<Part>> = parts.into_iter().map(Some).collect();
    let mut tree = Tree { nodes: Vec::new(), leaves: Vec::new() };
    // A part to place, and whose child it is on which side.
    let mut waiting = vec![(0, None)];
    while let Some((at, parent)) = waiting.pop() {
        // Each part is taken once, so that this ends, cycle or not.
        let part = parts.get_mut(at).ok_or("a child does not exist")?;
        let child = match part.take().ok_or("a child has two parents or leads back")? {
            Part::Leaf(leaf) => {
                if !(leaf.value.is_finite() && leaf.cover.is_finite() && leaf.cover >= 0.0) {
                    return Err("a leaf's value or cover is not a finite number, or below 0");
                }
                tree.leaves.push(leaf);
                Child::leaf(tree.leaves.len() - 1)
            }
            Part::Split { feature, test, missing_left, left, right, gain } => {
                if let Test::Threshold(t) | Test::NonZero(t) = test
                    && !t.is_finite()
                {
                    return Err("a threshold is not a finite number");
                }
                if !gain.is_finite() {
                    return Err("a gain is not a finite number");
                }
                let node = tree.nodes.len();
                waiting.extend([(right, Some((node, false))), (left, Some((node, true)))]);
                // The children are set when they are placed.
                let (left, right) = (Child::node(0), Child::node(0));
                let (cover, rows) = (0.0, 0);
                tree.nodes.push(Node {
                    feature,
                    test,
                    missing_left,
                    left,
                    right,
                    gain,
                    cover,
                    rows,
                });
                Child::node(node)
            }
        };
        if let Some((parent, is_left)) = parent
            && let Some(parent) = tree.nodes.get_mut(parent)
        {
            *(if is_left { &mut parent.left } else { &mut parent.right }) = child;
        }
    }
    add_up(&mut tree);
    Ok(tree)
}

/// Covers and rows from the leaves upwards: children stand after their parents.
fn add_up(tree: &mut Tree) {
    for at in (0..tree.nodes.len()).rev() {
        let of = |child: Child| match child.index() {
            Ok(node) => (tree.nodes[node].cover, tree.nodes[node].rows),
            Err(leaf) => (tree.leaves[leaf].cover, tree.leaves[leaf].rows),
        };
        let (left, right) = (of(tree.nodes[at].left), of(tree.nodes[at].right));
        tree.nodes[at].cover = left.0 + right.0;
        tree.nodes[at].rows = left.1.saturating_add(right.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(value: f64) -> Part {
        Part::Leaf(Leaf { value, cover: 1.0, rows: 2 })
    }

    fn split(left: usize, right: usize) -> Part {
        let test = Test::Threshold(0.0);
        Part::Split { feature: 0, test, missing_left: true, left, right, gain: 1.0 }
    }

    #[test]
    fn parts_may_stand_in_any_order() {
        let parts = vec![split(3, 1), leaf(1.0), leaf(9.0), split(4, 5), leaf(2.0), leaf(3.0)];
        let tree = assemble(parts).unwrap();
        assert_eq!(tree.nodes.len(), 2);
        assert_eq!((tree.nodes[0].cover, tree.nodes[0].rows), (3.0, 6));
        assert_eq!((tree.nodes[1].cover, tree.nodes[1].rows), (2.0, 4));
        let value = |child: Child| tree.leaves[child.index().unwrap_err()].value;
        assert_eq!(tree.nodes[0].left, Child::node(1));
        assert_eq!(value(tree.nodes[0].right), 1.0);
        assert_eq!((value(tree.nodes[1].left), value(tree.nodes[1].right)), (2.0, 3.0));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        assert_eq!(assemble(vec![]).unwrap_err(), "a child does not exist");
        assert_eq!(assemble(vec![split(1, 2), leaf(0.0)]).unwrap_err(), "a child does not exist");
        let twice = "a child has two parents or leads back";
        assert_eq!(assemble(vec![split(1, 1), leaf(0.0)]).unwrap_err(), twice);
        assert_eq!(assemble(vec![split(1, 0), leaf(0.0)]).unwrap_err(), twice);
        assert!(assemble(vec![leaf(f64::NAN)]).is_err());
        let test = Test::NonZero(f64::INFINITY);
        let bad =
            Part::Split { feature: 0, test, missing_left: true, left: 1, right: 2, gain: 1.0 };
        assert_eq!(
            assemble(vec![bad, leaf(0.0), leaf(0.0)]).unwrap_err(),
            "a threshold is not a finite number"
        );
    }
}
