//! Rows of reports of ads, ad groups, campaigns and accounts.

use std::sync::Arc;

use campaign_core::Micros;

use super::layout::{Level, Role};
use super::mapping::ComposedId;
use super::row::{AdRow, Fault, RowReader};
use super::store::Store;

impl Store {
    /// A row of a report of ads.
    pub(crate) fn ad_row(
        &mut self,
        reader: &mut RowReader<'_, '_>,
        mapping: Option<usize>,
    ) -> Result<AdRow, Fault> {
        let (day, last_day, hour) = reader.days()?;
        let level = reader.layout.level.unwrap_or(Level::Account);
        let mapped = mapping.and_then(|index| self.config.mappings.get(index));
        let composed = |id| mapped.and_then(|m| m.composed(id, reader));
        let account = composed(ComposedId::Account);
        let campaign = composed(ComposedId::Campaign);
        let ad_group = composed(ComposedId::AdGroup);
        let ad = composed(ComposedId::Ad);
        let texts = &mut self.texts;
        let mut named = |composed: Option<String>, id: Role, name: Role| -> Result<_, Fault> {
            let own = reader.id(id)?;
            let label = reader.text(name);
            // A resource name (`customers/1/adGroups/2`) is an id, whatever its column is called.
            let (resource, label) = match label {
                Some(text) if text.starts_with("customers/") => (reader.id(name)?, None),
                label => (None, label),
            };
            let by_name = if own.is_none() && resource.is_none() { reader.id(name)? } else { None };
            let id = composed.as_deref().or(own).or(resource).or(by_name);
            let id = id.map(|text| texts.get(text.trim()));
            Ok((id, label.map(|text| texts.get(text))))
        };
        let (account, _) = named(account, Role::Account, Role::AccountName)?;
        let (campaign, campaign_name) = named(campaign, Role::Campaign, Role::CampaignName)?;
        let (ad_group, ad_group_name) = named(ad_group, Role::AdGroup, Role::AdGroupName)?;
        let (ad, ad_name) = named(ad, Role::Ad, Role::AdName)?;
        if [&account, &campaign, &ad_group, &ad].iter().all(|id| id.is_none())
            && level != Level::Account
        {
            let role = match level {
                Level::Ad if reader.positions.of(Role::Ad).is_some() => Role::Ad,
                Level::Ad => Role::AdName,
                Level::AdGroup if reader.positions.of(Role::AdGroup).is_some() => Role::AdGroup,
                Level::AdGroup => Role::AdGroupName,
                _ if reader.positions.of(Role::Campaign).is_some() => Role::Campaign,
                _ => Role::CampaignName,
            };
            let reason = "the row names neither ad, ad group, campaign nor account".to_owned();
            return Err(reader.fault(role, "an id or a name", reason));
        }
        let row_currency = reader.currency()?;
        let spend = reader.amount(Role::Spend)?;
        let revenue = reader.amount(Role::Revenue)?;
        let beside = if spend.is_none() { reader.amount(Role::SpendBeside)? } else { None };
        // Nothing is nothing in every currency; anything else is no longer in that of the revenue.
        let (spend, revenue) = match beside {
            Some((Micros::ZERO, _)) => (Some((Micros::ZERO, None)), revenue),
            Some(beside) => (Some(beside), None),
            None => (spend, revenue),
        };
        let stated = spend.and_then(|(_, c)| c).or(revenue.and_then(|(_, c)| c));
        let currency = row_currency.or(stated);
        for (role, amount) in [(Role::Spend, spend), (Role::Revenue, revenue)] {
            if let (Some((_, Some(own))), Some(currency)) = (amount, currency)
                && own != currency
            {
                let reason = format!("an amount in {own} in a row of {currency}");
                return Err(reader.fault(role, "one currency per row", reason));
            }
        }
        let impressions = reader.count(Role::Impressions)?;
        let clicks = reader.count(Role::Clicks)?;
        let conversions = reader.quantity(Role::Conversions)?;
        let video_views = reader.count(Role::VideoViews)?;
        let delivered = impressions.unwrap_or(0) > 0 || clicks.unwrap_or(0) > 0;
        if spend.is_none() && delivered && reader.positions.of(Role::Spend).is_some() {
            let reason = "the row has impressions or clicks, but no spend".to_owned();
            return Err(reader.fault(Role::Spend, "an amount", reason));
        }
        let mut breakdown = reader.joined(&[Role::Breakdown, Role::Keyword, Role::SearchTerm]);
        let audience = audience(reader);
        let country = reader.text(Role::Country).map(str::to_owned);
        let is_code = |c: &String| c.len() == 2 && c.chars().all(|c| c.is_ascii_alphabetic());
        let mut extra = |pair: String| match &mut breakdown {
            Some(breakdown) => {
                breakdown.push(';');
                breakdown.push_str(&pair);
            }
            None => breakdown = Some(pair),
        };
        if let Some(name) = country.as_ref().filter(|c| !is_code(c)) {
            extra(format!("country={name}"));
        }
        if day != last_day {
            extra(format!("period={day}/{last_day}"));
        }
        let country = country.filter(is_code).map(|c| c.to_ascii_uppercase());
        let creative = self.creative_of(reader);
        let fixed = reader.layout.zone.as_deref();
        let zone = reader
            .zone()
            .or_else(|| fixed.map(|fixed| reader.defaults.zone.as_deref().unwrap_or(fixed)));
        let texts = &mut self.texts;
        let mut keep = |text: Option<&str>| text.map(|text| texts.get(text));
        Ok(AdRow {
            platform: reader.layout.platform.clone(),
            mapping,
            level,
            day,
            last_day,
            hourly: reader.positions.of(Role::Hour).is_some(),
            hour,
            account_stated: account.is_some(),
            account,
            campaign,
            campaign_name,
            ad_group,
            ad_group_name,
            ad,
            ad_name,
            creative,
            audience: keep(audience.as_deref()),
            country: keep(country.as_deref()),
            breakdown: keep(breakdown.as_deref()),
            broken_by: Arc::clone(reader.broken_by),
            currency,
            zone: keep(zone),
            window: keep(reader.text(Role::Window)).or_else(|| reader.layout.window.clone()),
            spend: spend.map_or(Micros::ZERO, |(micros, _)| micros),
            revenue: revenue.map(|(micros, _)| micros),
            impressions,
            clicks,
            conversions,
            video_views,
        })
    }
}

/// `age=30-34;gender=M`, or the text of a single column called audience.
fn audience(reader: &RowReader<'_, '_>) -> Option<String> {
    let pairs = reader.joined(&[Role::Audience])?;
    match pairs.strip_prefix("audience=") {
        Some(name) if !name.contains(';') => Some(name.to_owned()),
        _ => Some(pairs),
    }
}
