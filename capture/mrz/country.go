package mrz

import "strings"

// iso is ISO 3166-1 alpha-3 as of 2024: 249 codes. DEU, which no zone of Germany
// has, is among them.
const iso = "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE " +
	"BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA " +
	"CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA " +
	"ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM " +
	"GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN " +
	"IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT " +
	"LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA " +
	"MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT " +
	"NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF " +
	"QAT REU ROU RUS RWA " +
	"SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR " +
	"TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB " +
	"VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE"

// beside is what 9303-3, section 5, adds to ISO 3166-1: Germany and the British
// nationalities that are not GBR, the European Union and the United Nations,
// other issuing authorities, persons without a defined nationality, codes that
// are out of use, specimens. XKX is not in it, but what some use for Kosovo.
const beside = "D GBD GBN GBO GBP GBS RKS XKX " +
	"EUE UNO UNA UNK " +
	"XBA XIM XCC XCE XCO XEC XPO XES XMP XOM XDC " +
	"XXA XXB XXC XXX " +
	"ANT NTZ UTO"

// Known reports whether a code of one to three letters is one of ISO 3166-1 or
// of 9303-3, section 5.
func Known(code string) bool {
	if code == "" || !letters(code) {
		return false
	}
	return strings.Contains(" "+iso+" "+beside+" ", " "+code+" ")
}
