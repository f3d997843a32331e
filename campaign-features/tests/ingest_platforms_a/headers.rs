//! Columns in another order, headers of many versions, what the configuration says.

use campaign_features::ingest::layout::Clock;
use campaign_features::ingest::{IngestConfig, Kind, Level, SourceDefaults};

use super::{counts, file, one, read};

#[test]
fn the_configuration_says_whose_hours_they_are() {
    let table = "stat_time_hour,ad_id,spend,impressions\n2026-05-04 02:00:00,7,1.5,10\n";
    let in_zone = |defaults: SourceDefaults| {
        let config = IngestConfig::new("acme")
            .with_source("tiktok_ads", defaults.with_zone("America/New_York"));
        read(&[("x.csv", table)], config).records[0].date.to_string()
    };
    // Hours of UTC by default: two in the morning is the evening before in New York.
    assert_eq!(in_zone(SourceDefaults::new()), "2026-05-03");
    assert_eq!(in_zone(SourceDefaults::new().with_clock(Clock::Account)), "2026-05-04");
}

/// Every fixture of this file with its columns in another order gives the same records.
#[test]
fn the_order_of_columns_does_not_matter() {
    for (name, delimiter) in [
        ("microsoft_hourly.csv", b','),
        ("microsoft_fivetran.csv", b','),
        ("linkedin_fivetran_creative.csv", b','),
        ("amazon_ui.csv", b','),
        ("amazon_de.csv", b';'),
        ("amazon_api.csv", b','),
        ("amazon_fivetran.csv", b','),
        ("apple_fivetran.csv", b','),
        ("google_airbyte.csv", b','),
    ] {
        let text = file(name);
        let whole = one(&text);
        assert!(!whole.records.is_empty());
        for seed in 1..8_usize {
            let moved = permuted(&text, delimiter, seed);
            assert_ne!(moved, text);
            let out = one(&moved);
            assert_eq!(out.records, whole.records, "{name} {seed}");
            assert_eq!(counts(&out.sources[0]), counts(&whole.sources[0]), "{name} {seed}");
        }
    }
}

/// The columns of a table rotated by a number that differs by seed, every second time backwards.
fn permuted(text: &str, delimiter: u8, seed: usize) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut writer =
        csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(Vec::new());
    for row in reader.records().map(Result::unwrap) {
        let mut cells: Vec<&str> = row.iter().collect();
        if cells.len() > 1 {
            let by = (seed * 3) % cells.len();
            cells.rotate_left(by.max(1));
            if seed.is_multiple_of(2) {
                cells.reverse();
            }
        }
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Headers of public fixtures and schemas, of several versions, without rows.
#[test]
fn headers_of_many_versions() {
    use Level::{Account, Ad, AdGroup, Campaign, Keyword, SearchTerm};
    let facts = |level| (Kind::Facts, Some(level));
    let entities = |level| (Kind::Entities, Some(level));
    for (platform, expected, header) in [
        (
            "microsoft_ads",
            facts(Campaign),
            "Gregorian date,Campaign name,Campaign ID,Impressions,Clicks,Spend,Conversions",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "Day,Campaign,Ad group,Impr.,Clicks,CTR,Avg. CPC,Spend,Conv.,CPA",
        ),
        (
            "microsoft_ads",
            facts(Keyword),
            "TimePeriod,AccountId,CampaignName,CampaignId,AdGroupId,AdId,KeywordId,Keyword,CurrencyCode,DeliveredMatchType,Impressions,Clicks,Spend",
        ),
        (
            "microsoft_ads",
            facts(SearchTerm),
            "date,account_id,campaign_id,ad_group_id,ad_id,keyword_id,search_query,device_os,device_type,network,bid_match_type,delivered_match_type,top_vs_other,clicks,impressions,spend,conversions",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "AccountId,CampaignId,AdGroupId,TimePeriod,AccountNumber,Country,State,MetroArea,City,LocationType,MostSpecificLocation,CurrencyCode,Impressions,Clicks,Ctr,Spend,CostPerConversion,ReturnOnAdSpend,Conversions,Revenue",
        ),
        (
            "microsoft_ads",
            facts(Account),
            "date,account_id,device_os,device_type,network,currency_code,ad_distribution,bid_match_type,clicks,impressions,spend",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "Gregorianisches Datum;Kampagne;Anzeigengruppe;Impressionen;Klicks;Ausgaben;Conversions;Umsatz",
        ),
        ("microsoft_ads", entities(Account), "id,name,last_modified_time,time_zone,currency_code"),
        (
            "microsoft_ads",
            entities(Campaign),
            "id,name,account_id,modified_time,type,time_zone,status,budget",
        ),
        (
            "microsoft_ads",
            entities(AdGroup),
            "id,name,campaign_id,modified_time,start_date,end_date,status",
        ),
        (
            "microsoft_ads",
            entities(Ad),
            "id,title_part_1,final_url,ad_group_id,modified_time,status,type",
        ),
        ("microsoft_ads", entities(Keyword), "id,name,modified_time,ad_group_id,match_type,status"),
        (
            "linkedin_ads",
            facts(AdGroup),
            "Start Date (in UTC),Account Name,Campaign Group Name,Campaign Name,Campaign ID,Currency,Total Spent,Impressions,Clicks",
        ),
        (
            "linkedin_ads",
            facts(Ad),
            "Start Date (in UTC)\tAccount Name\tCampaign Name\tCampaign Type\tCreative Name\tTotal Spent\tImpressions\tClicks\tReactions",
        ),
        ("linkedin_ads", facts(AdGroup), "campaign_id,day,clicks,impressions,cost_in_usd"),
        (
            "linkedin_ads",
            facts(Ad),
            "Nom du groupe de campagnes,Nom de la campagne,ID de la campagne,ID Pub,Nom de la publicité,Date de début (en UTC),Montant total dépensé,Impressions,Clics",
        ),
        (
            "linkedin_ads",
            entities(Account),
            "created_time,currency,id,last_modified_time,name,status,type,version_tag",
        ),
        (
            "linkedin_ads",
            entities(AdGroup),
            "account_id,campaign_group_id,created_time,id,last_modified_time,name,unit_cost_amount,unit_cost_currency_code",
        ),
        (
            "linkedin_ads",
            entities(Campaign),
            "account_id,backfilled,created_time,id,last_modified_time,name,status",
        ),
        (
            "linkedin_ads",
            entities(Ad),
            "campaign_id,click_uri,created_at,id,last_modified_at,intended_status",
        ),
        (
            "amazon_ads",
            facts(AdGroup),
            "ad_group_id,date,_fivetran_synced,campaign_bidding_strategy,clicks,cost,impressions",
        ),
        (
            "amazon_ads",
            facts(Ad),
            "ad_group_id,ad_id,campaign_id,date,campaign_budget_currency_code,clicks,cost,impressions, advertised_asin, advertised_sku",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "ad_group_id,campaign_id,date,keyword_id,campaign_budget_currency_code,clicks,cost,impressions,keyword_bid,search_term,targeting",
        ),
        (
            "amazon_ads",
            facts(Keyword),
            "ad_group_id,campaign_id,date,keyword_id,ad_keyword_status,campaign_budget_type,clicks,cost,impressions,match_type,targeting,purchases_30_d,sales_30_d",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Start Date,End Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Retailer,Country,Targeting,Match Type,Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#)",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "Date,Campaign Name,Currency,Impressions,Clicks,Spend,14 Day Total Sales,14 Day Total Orders (#),14 Day New-to-brand Sales",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "date,campaignId,campaignName,campaignBudgetCurrencyCode,impressions,clicks,cost,purchases,purchasesClicks,sales,salesClicks",
        ),
        (
            "amazon_ads",
            facts(Ad),
            "reportDate,campaignId,adGroupId,adId,asin,sku,impressions,clicks,cost,attributedConversions7d,attributedSales7d,attributedConversions14d,attributedSales14d",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "State,Campaigns,Status,Type,Targeting type,Portfolio,Budget(USD),Impressions,Clicks,CTR,Spend(USD),CPC(USD),Orders,Sales(USD),ACOS,ROAS",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Kampagnenname;Übereinstimmungstyp;Suchbegriff eines Kunden;Impressionen;Klicks;Ausgaben;7 Tage, Verkäufe gesamt;7 Tage, Bestellungen gesamt",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Nombre de la campaña,Tipo de coincidencia,Término de búsqueda de cliente,Impresiones,Clics,Gasto,Ventas totales de 7 días,Pedidos totales de 7 días",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Nome campagna,Targeting,Termine ricerca cliente,Impressioni,Clic,Spesa,Vendite totali (€) 7 giorni,Totale ordini (#) 7 giorni",
        ),
        (
            "amazon_ads",
            entities(AdGroup),
            "id,last_updated_date,campaign_id,creation_date,default_bid,name,serving_status,state",
        ),
        (
            "amazon_ads",
            entities(Keyword),
            "id,last_updated_date,ad_group_id,bid,campaign_id,creation_date,keyword_text,match_type,state",
        ),
        (
            "amazon_ads",
            entities(Ad),
            "id,last_updated_date,ad_group_id,asin,campaign_id,creation_date,serving_status,sku,state",
        ),
        (
            "amazon_ads",
            entities(Account),
            "profileId,countryCode,currencyCode,dailyBudget,timezone,accountInfo.name",
        ),
        (
            "amazon_ads",
            entities(Campaign),
            "portfolioId,campaignId,name,targetingType,state,dailyBudget,startDate",
        ),
        (
            "apple_search_ads",
            facts(Campaign),
            "date,id,avg_cpa_amount,avg_cpa_currency,conversion_rate,conversions,impressions,lat_off_installs,local_spend_amount,local_spend_currency,taps",
        ),
        (
            "apple_search_ads",
            facts(AdGroup),
            "ad_group_id,date,conversions,impressions,local_spend_amount,local_spend_currency,new_downloads,redownloads,taps,tap_installs",
        ),
        (
            "apple_search_ads",
            facts(SearchTerm),
            "_fivetran_id,ad_group_id,campaign_id,date,ad_group_deleted,ad_group_name,conversions,impressions,keyword,keyword_id,local_spend_amount,local_spend_currency,match_type,search_term_source,search_term_text,taps",
        ),
        (
            "apple_search_ads",
            facts(Campaign),
            "Date,App ID,App Name,Campaign Name,Spend,Impressions,Taps,Installs (Tap-Through),Installs (View-Through),Installs (Total)",
        ),
        (
            "apple_search_ads",
            entities(AdGroup),
            "id,modification_time,campaign_id,default_cpc_bid_amount,name,organization_id,status",
        ),
        (
            "apple_search_ads",
            entities(Ad),
            "creation_time,modification_time,org_id,campaign_id,ad_group_id,name,id,creative_id,creative_type,status",
        ),
        (
            "apple_search_ads",
            entities(Keyword),
            "id,modification_time,ad_group_id,bid_amount,bid_currency,campaign_id,deleted,match_type,status,text",
        ),
        ("google_ads", facts(Campaign), "Day,Campaign,Campaign type,Impr.,Clicks,Cost,Conversions"),
        (
            "google_ads",
            facts(Keyword),
            "Day,Campaign,Ad group,Search keyword,Search keyword match type,Impr.,Clicks,Cost,Conversions",
        ),
        (
            "google_ads",
            facts(Ad),
            "campaign.id,ad_group.id,ad_group_ad.ad.id,segments.date,metrics.cost_micros,metrics.clicks",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Giorno;Campagna;Gruppo di annunci;Codice valuta;Impr.;Clic;Costo;Conversioni",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Dia,Campanha,Grupo de anúncios,Código da moeda,Impr.,Cliques,Custo,Conversões",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Dag;Campagne;Advertentiegroep;Valutacode;Vert.;Klikken;Kosten;Conversies",
        ),
    ] {
        let out = one(&format!("{header}\n"));
        let report = &out.sources[0];
        assert_eq!(report.platform.as_deref(), Some(platform), "{header}");
        assert_eq!((report.kind, report.level), expected, "{header}");
        assert_eq!((report.rows_in, report.spend.first()), (0, None), "{header}");
    }
}
