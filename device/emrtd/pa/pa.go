// Package pa is passive authentication (ICAO Doc 9303-11, 5.1): whether the files
// of a travel document's chip are those that its issuer put there. It opens
// EF.SOD, compares the hashes it lists with the files that were read, and follows
// its signature to a certificate of the issuing state's authority (CSCA, Doc
// 9303-12) that a technician installed. It reads what is installed: master
// lists, LDIF, certificates in PEM or DER, and lists of what is revoked.
//
// It knows no clock, and no disk but the file system it is given. What is in the
// files is left to package lds, whether the chip is a copy to package emrtd.
package pa
