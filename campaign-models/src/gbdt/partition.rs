//! Rows by the side of a split that they go to.

/// Moves the rows that go left to the front; answers how many they are.
pub(super) fn partition<T: Copy + Into<usize>>(
    rows: &mut [u32],
    codes: &[T],
    goes_left: &[bool],
    right: &mut Vec<u32>,
) -> usize {
    right.resize(rows.len(), 0);
    let (mut n_left, mut n_right) = (0, 0);
    // Each row is written to both sides and kept on one: no branch to be guessed wrong half the time.
    for i in 0..rows.len() {
        let row = rows[i];
        let left = usize::from(goes_left[codes[row as usize].into()]);
        rows[n_left] = row;
        right[n_right] = row;
        n_left += left;
        n_right += 1 - left;
    }
    rows[n_left..].copy_from_slice(&right[..n_right]);
    n_left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_keeps_its_order() {
        let codes = [0_u8, 1, 2, 1, 0, 2, 1];
        let (mut rows, mut scratch) = ([6, 5, 3, 0, 1], vec![9; 2]);
        let n_left = partition(&mut rows, &codes, &[true, false, true], &mut scratch);
        assert_eq!((n_left, rows), (2, [5, 0, 6, 3, 1]));
        assert_eq!(partition(&mut [], &codes, &[true, false, true], &mut scratch), 0);
        assert_eq!(partition(&mut rows, &codes, &[false; 3], &mut scratch), 0);
        assert_eq!(rows, [5, 0, 6, 3, 1]);
    }
}
