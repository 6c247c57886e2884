package pa

import "strings"

// states are the two-letter codes of ISO 3166-1, which certificates have, each
// with the three letters of a machine readable zone.
const states = "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE " +
	"BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ " +
	"CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE " +
	"DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA " +
	"GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY " +
	"HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN " +
	"KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY " +
	"MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ " +
	"NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY " +
	"QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ " +
	"TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB " +
	"VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE "

// beside are codes of Doc 9303-3, section 5, and what certificates have for
// them: Germany and its single letter, the European Union, the United Nations,
// the Order of Malta, Kosovo, specimens; British passports of every nationality
// and Chinese ones of the special regions; territories that Denmark, France and
// the Netherlands issue documents for.
const beside = "DED<< EUEUE UNUNO UNUNA XOXOM ZZUNO KSRKS XKRKS XKXKX KSXKX UTUTO GBGBD GBGBN GBGBO GBGBP GBGBS CNHKG CNMAC DKFRO DKGRL " +
	"NLABW NLCUW NLSXM FRNCL FRPYF "

// sameState reports whether the state of a certificate and that of a machine
// readable zone are the same. What is no code of two letters, or one that is not
// known, is not compared.
func sameState(two, three string) bool {
	two = strings.ToUpper(two)
	if len(two) == 3 {
		return two == three
	}
	all := states + beside
	return len(two) != 2 || strings.Contains(all, two+three+" ") || !known(two)
}

func known(two string) bool {
	for pair := range strings.FieldsSeq(states + beside) {
		if pair[:2] == two {
			return true
		}
	}
	return false
}
