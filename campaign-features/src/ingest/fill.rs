//! Profiles completed from entity tables and the configuration.

use std::sync::Arc;

use super::entities::CREATIVE;
use super::layout::Level;
use super::store::Store;
use super::texts::{Symbol, Texts};

/// Fills in parents, names, currency and zone where the rows do not state them.
pub(crate) fn fill(store: &mut Store) {
    let entities = &store.entities;
    let texts = &mut store.texts;
    for profile in &mut store.ads.profiles.all {
        let Some(platform) = texts.text(profile.platform) else { continue };
        if !entities.is_empty() {
            let get = |texts: &Texts, level, id: Symbol| {
                entities.get(&platform, level, texts.borrow(id)).cloned()
            };
            if let Some(ad) = get(texts, Some(Level::Ad), profile.ad) {
                or(texts, &mut profile.ad_name, &ad.name);
                or(texts, &mut profile.ad_group, &ad.ad_group);
                or(texts, &mut profile.campaign, &ad.campaign);
                or(texts, &mut profile.account, &ad.account);
                let number = ad.creative_number.as_ref();
                let shown = entities.get(&platform, CREATIVE, number);
                let shown = shown.and_then(|c| c.creative.clone());
                if let Some(id) = ad.creative.or(shown).filter(|_| profile.creative.is_none()) {
                    profile.creative = texts.symbol(id.as_str());
                }
            }
            if let Some(group) = get(texts, Some(Level::AdGroup), profile.ad_group) {
                or(texts, &mut profile.ad_group_name, &group.name);
                or(texts, &mut profile.campaign, &group.campaign);
                or(texts, &mut profile.account, &group.account);
            }
            if let Some(campaign) = get(texts, Some(Level::Campaign), profile.campaign) {
                or(texts, &mut profile.campaign_name, &campaign.name);
                or(texts, &mut profile.account, &campaign.account);
                profile.currency = campaign.currency;
            }
        }
        let stated = store.settings.sources.get(&*platform);
        let mapping = profile.mapping.and_then(|index| store.config.mappings.get(index as usize));
        let mut state = |own: &mut Symbol, text: Option<&str>| {
            if let Some(text) = text.filter(|_| own.is_none()) {
                *own = texts.symbol(text);
            }
        };
        state(&mut profile.account, stated.and_then(|s| s.account.as_deref()));
        if let Some(mapping) = mapping {
            let stated = mapping.currency.as_ref().and_then(|c| c.parse().ok());
            profile.currency = profile.currency.or(stated);
            state(&mut profile.zone, mapping.zone.as_deref());
            state(&mut profile.account, mapping.account.as_deref());
        }
        let account = texts.text(profile.account);
        if let Some(account) = entities.get(&platform, Some(Level::Account), account.as_ref()) {
            profile.currency = profile.currency.or(account.currency);
            or(texts, &mut profile.zone, &account.zone);
        }
        if let Some(stated) = stated {
            profile.currency = profile.currency.or(stated.currency);
            if let Some(zone) = stated.zone.as_deref().filter(|_| profile.zone.is_none()) {
                profile.zone = texts.symbol(zone);
            }
        }
    }
}

fn or(texts: &mut Texts, own: &mut Symbol, other: &Option<Arc<str>>) {
    if let Some(other) = other.as_ref().filter(|_| own.is_none()) {
        *own = texts.shared(other);
    }
}
