//! Exports of ad platforms, CRM and web analytics to one schema.
