//! What the columns of a recognised table mean.

use std::sync::Arc;

use campaign_core::Currency;
use serde::{Deserialize, Serialize};

use super::date::DateOrder;
use super::number::Unit;

/// Whether a table reports what happened or describes things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Report rows: days, hours, events, orders.
    Facts,
    /// Descriptions of accounts, campaigns, ads: names, currencies, versions.
    Entities,
    /// Exchange rates, which are given to the configuration and not read as a source.
    Rates,
    /// Readable, but of no known platform.
    Unrecognised,
    /// Not readable as a table.
    Unreadable,
}

/// The level a report's rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// A part that repeats the whole, as each type of targeting does: it never enters the records.
    Part,
    /// A search term: covers only searches, so it never stands for its ad group.
    SearchTerm,
    /// A keyword: covers only searches.
    Keyword,
    /// The account.
    Account,
    /// The campaign.
    Campaign,
    /// The ad group (Meta: ad set).
    AdGroup,
    /// The ad.
    Ad,
    /// An order or another conversion.
    Order,
    /// Sessions of a web site.
    Session,
    /// An event of a web site.
    Event,
}

/// What a row becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// A daily record.
    Records,
    /// A count or value of one action type, to be joined to the record of its ad and day.
    Actions,
    /// A conversion.
    Conversions,
    /// Sessions of a day.
    Web,
    /// One web event.
    Events,
    /// A description of an entity of this level; `None` for entities that are only counted.
    Entities(Option<Level>),
}

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The day.
    Day,
    /// The first day of the row's period.
    Start,
    /// The last day of the row's period.
    End,
    /// The hour, as a time.
    Hour,
    /// The account.
    Account,
    /// Its name.
    AccountName,
    /// The campaign.
    Campaign,
    /// Its name.
    CampaignName,
    /// The ad group.
    AdGroup,
    /// Its name.
    AdGroupName,
    /// The ad.
    Ad,
    /// Its name.
    AdName,
    /// The keyword.
    Keyword,
    /// The search term.
    SearchTerm,
    /// The platform's number of the creative.
    Creative,
    /// Headline of the creative.
    CreativeTitle,
    /// Text of the creative.
    CreativeBody,
    /// Picture or video of the creative: a hash, an id or a name.
    CreativeMedia,
    /// Call to action of the creative.
    CreativeAction,
    /// Landing page of the creative.
    CreativeLink,
    /// A part of the audience (age, gender, interest).
    Audience,
    /// The country.
    Country,
    /// Another dimension that tells rows apart (device, network, placement).
    Breakdown,
    /// Something that can change without making another row (status, budget, a name beside its id).
    Attribute,
    /// Currency of the row.
    Currency,
    /// Time zone of the row.
    Zone,
    /// The attribution window.
    Window,
    /// When this version of the row became known.
    KnownAt,
    /// Spend.
    Spend,
    /// Revenue, or the value of a conversion.
    Revenue,
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions.
    Conversions,
    /// Video views.
    VideoViews,
    /// Another metric, which is not kept.
    Metric,
    /// The connector's own row number: neither dimension nor metric.
    Ignored,
    /// The type of an action.
    ActionType,
    /// How many actions, or what they were worth.
    ActionValue,
    /// The order.
    Order,
    /// The id of the click.
    Click,
    /// The time of the conversion.
    At,
    /// The kind of conversion or event.
    Event,
    /// The ad platform that an order names.
    Platform,
    /// Channel group of sessions.
    ChannelGroup,
    /// `source / medium` of sessions.
    SourceMedium,
    /// Source of sessions.
    UtmSource,
    /// Medium of sessions.
    UtmMedium,
    /// Sessions.
    Sessions,
    /// The session of an event.
    Session,
    /// The instant before which the row's period ends; a day ends at the next midnight.
    Until,
    /// Which event the row's results are.
    ResultKind,
    /// A JSON list of action types with their counts.
    ActionCounts,
    /// A JSON list of action types with their amounts.
    ActionAmounts,
    /// The stage of a deal or the payment status of an order.
    Stage,
    /// What of an order was paid back.
    Refund,
    /// The entity's own id.
    Id,
    /// The entity's own name.
    Name,
    /// The time of this version of the entity.
    Version,
    /// The same spend in the currency of this column, for rows where the column of the spend is empty.
    SpendBeside,
    /// The week that the row covers, by its first day.
    Week,
    /// The month that the row covers: `2024-01`, `January 2024` or its first day.
    Month,
    /// The level that the row stands for, in a table of rows of several levels.
    RowLevel,
    /// Unknown to the adapter, reported as such: a dimension where rows of one file differ in nothing
    /// else, otherwise an attribute.
    Unknown,
}

impl Role {
    /// Whether rows that differ here only are the same row measured again.
    pub(crate) const fn is_metric(self) -> bool {
        matches!(
            self,
            Self::Spend
                | Self::SpendBeside
                | Self::Revenue
                | Self::Impressions
                | Self::Clicks
                | Self::Conversions
                | Self::VideoViews
                | Self::Metric
                | Self::ActionValue
                | Self::Sessions
                | Self::Attribute
                | Self::ResultKind
                | Self::ActionCounts
                | Self::ActionAmounts
                | Self::Stage
                | Self::Refund
        )
    }

    /// Whether several columns may have it.
    pub(crate) const fn repeats(self) -> bool {
        matches!(
            self,
            Self::Audience
                | Self::Breakdown
                | Self::Attribute
                | Self::Metric
                | Self::Ignored
                | Self::Unknown
        )
    }

    /// Whether it takes part in neither dimensions nor metrics.
    pub(crate) const fn is_aside(self) -> bool {
        matches!(self, Self::KnownAt | Self::Ignored)
    }
}

/// A column of a recognised table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The header's text.
    pub header: Arc<str>,
    /// The header in the form to compare.
    pub name: Arc<str>,
    /// What it means.
    pub role: Role,
    /// What its amounts count.
    pub unit: Unit,
    /// The currency that stood in the header.
    pub currency: Option<Currency>,
}

/// Whether the hours of a table are those of the account or of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The account's zone.
    #[default]
    Account,
    /// UTC.
    Utc,
}

/// A recognised table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Layout {
    /// The platform: the `source` of the records.
    pub platform: Arc<str>,
    /// What rows become.
    pub output: Output,
    /// The level of the rows.
    pub level: Option<Level>,
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    /// Whose hours they are.
    pub clock: Clock,
    /// The attribution window of the conversions, where the header says it and the rows do not.
    pub window: Option<Arc<str>>,
    /// The time zone of the days, where the platform has one for all accounts; a zone that the row or
    /// the configuration states has precedence.
    pub zone: Option<Arc<str>>,
    /// The order of day and month that the platform writes, where neither the file nor the
    /// configuration decides it.
    pub date_order: Option<DateOrder>,
    /// How sure the adapter is: the number of columns it knows, more for unmistakable ones.
    pub score: u32,
    /// What the caller should know.
    pub notes: Vec<String>,
}

impl Layout {
    /// Entities or facts.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.output {
            Output::Entities(_) => Kind::Entities,
            _ => Kind::Facts,
        }
    }

    /// The first column with a role.
    #[must_use]
    pub fn position(&self, role: Role) -> Option<usize> {
        self.columns.iter().position(|c| c.role == role)
    }

    /// Whether there is a column with a role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.position(role).is_some()
    }

    /// Whether a column tells rows apart: every column does that is neither a metric, nor an attribute,
    /// nor the time zone, nor a name whose id stands beside it.
    #[must_use]
    pub(crate) fn is_dimension(&self, column: &Column) -> bool {
        let beside_id = match column.role {
            Role::AccountName => self.has(Role::Account),
            Role::CampaignName => self.has(Role::Campaign),
            Role::AdGroupName => self.has(Role::AdGroup),
            Role::AdName => self.has(Role::Ad),
            _ => false,
        };
        // What has an id has one currency, which other exports of it state above the table or nowhere.
        let ids = [Role::Account, Role::Campaign, Role::AdGroup, Role::Ad];
        let known = self.output == Output::Records && ids.iter().any(|role| self.has(*role));
        if column.role == Role::Currency && known {
            return false;
        }
        // An account has one zone: the same day in another one is the same money again.
        // The level is part of every key by itself.
        if matches!(column.role, Role::Zone | Role::RowLevel) {
            return false;
        }
        // An event is its user, time, name and place in its batch; what else a table says of it can
        // differ from table to table.
        if self.output == Output::Events
            && self
                .columns
                .iter()
                .any(|c| c.role == Role::Breakdown && c.name.ends_with("timestamp"))
        {
            let key = [Role::Day, Role::Id, Role::Event, Role::Breakdown];
            return key.contains(&column.role);
        }
        !(beside_id || column.role.is_metric() || column.role.is_aside())
    }
}
