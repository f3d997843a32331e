//! Point-in-time features per ad and day.
