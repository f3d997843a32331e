//! Public holidays of countries and their subdivisions, days that matter to advertisers, and days of
//! one's own.
//!
//! The table of public holidays is made from python-holidays 0.109 (MIT licence, copyright Vacanza
//! Team and individual contributors) by `tests/reference/make_holidays.py`: 250 countries, 651
//! subdivisions and their aliases, with names, for 2000 to 2050 as far as the library covers a
//! country. It takes 86 kB of the binary and is inflated at its first use.
//!
//! Beyond the years of a region nothing is known, which is not the same as a working day: asking is an
//! error, never a `false`.

mod ad_day;
mod calendar;
mod family;
mod region;
mod special;
mod table;

pub use ad_day::{AdDay, Window, ad_days, easter_sunday};
pub use calendar::{CalendarError, UserCalendar, UserDay};
pub use region::{Holiday, HolidayError, Region, holidays, is_holiday};
pub use special::Holidays;
