package ec

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"math/big"
	"strings"
	"sync"
)

// rfc5639 are the brainpool curves of RFC 5639, section 3, and secp192r1 of
// SEC 2, which the standard library lacks: P, A, B, x and y of G, N.
const rfc5639 = `
secp192r1 fffffffffffffffffffffffffffffffeffffffffffffffff fffffffffffffffffffffffffffffffefffffffffffffffc 64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1 188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012 07192b95ffc8da78631011ed6b24cdd573f977a11e794811 ffffffffffffffffffffffff99def836146bc9b1b4d22831
brainpoolP192r1 c302f41d932a36cda7a3463093d18db78fce476de1a86297 6a91174076b1e0e19c39c031fe8685c1cae040e5c69a28ef 469a28ef7c28cca3dc721d044f4496bcca7ef4146fbf25c9 c0a0647eaab6a48753b033c56cb0f0900a2f5c4853375fd6 14b690866abd5bb88b5f4828c1490002e6773fa2fa299b8f c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1
brainpoolP224r1 d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff 68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43 2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b 0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d 58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f
brainpoolP256r1 a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377 7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9 26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6 8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262 547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997 a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7
brainpoolP320r1 d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27 3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4 520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd884539816f5eb4ac8fb1f1a6 43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611 14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1 d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311
brainpoolP384r1 8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53 7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826 04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11 1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e 8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315 8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565
brainpoolP512r1 aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3 7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca 3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723 81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822 7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892 aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069
`

// curves are all of them, by name.
var curves = sync.OnceValue(func() map[string]*Curve {
	all := map[string]*Curve{}
	for _, e := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		p := e.Params()
		name := map[int]string{224: "secp224r1", 256: "secp256r1", 384: "secp384r1", 521: "secp521r1"}[p.BitSize]
		a := new(big.Int).Sub(p.P, big.NewInt(3))
		all[name] = newCurve(name, p.P, a, p.B, Point{p.Gx, p.Gy}, p.N)
		all[name].signs = e
		all[name].agrees = map[int]ecdh.Curve{256: ecdh.P256(), 384: ecdh.P384(), 521: ecdh.P521()}[p.BitSize]
	}
	for line := range strings.Lines(strings.TrimSpace(rfc5639)) {
		f := strings.Fields(line)
		v := make([]*big.Int, len(f)-1)
		for i, s := range f[1:] {
			v[i], _ = new(big.Int).SetString(s, 16)
		}
		all[f[0]] = newCurve(f[0], v[0], v[1], v[2], Point{v[3], v[4]}, v[5])
	}
	return all
})

// ByName returns the curve of this name, as SEC 2 and RFC 5639 have it; nil
// where it is not known.
func ByName(name string) *Curve { return curves()[name] }

// parameters are the standardised domain parameters of BSI TR-03110-3, table 4,
// by their number less eight.
var parameters = [...]string{
	"secp192r1", "brainpoolP192r1", "secp224r1", "brainpoolP224r1", "secp256r1", "brainpoolP256r1",
	"brainpoolP320r1", "secp384r1", "brainpoolP384r1", "brainpoolP512r1", "secp521r1",
}

// ByParameter returns the curve with a number of BSI TR-03110-3, table 4: 8 to
// 18; nil for others, which are groups of another kind or not assigned.
func ByParameter(id int) *Curve {
	if id < 8 || id-8 >= len(parameters) {
		return nil
	}
	return ByName(parameters[id-8])
}

// ByDomain returns the known curve with these parameters, as certificates with
// explicit parameters state them; nil where there is none.
func ByDomain(p, a, b *big.Int, g Point, n *big.Int) *Curve {
	for _, c := range curves() {
		if c.P.Cmp(p) == 0 && c.A.Cmp(a) == 0 && c.B.Cmp(b) == 0 && c.G.Equal(g) && c.N.Cmp(n) == 0 {
			return c
		}
	}
	return nil
}

// ByOID returns the curve with an object identifier in dotted form (RFC 5480,
// RFC 5639); nil where it is not known.
func ByOID(oid string) *Curve {
	if name, ok := oids[oid]; ok {
		return ByName(name)
	}
	return nil
}

var oids = map[string]string{
	"1.2.840.10045.3.1.1":   "secp192r1",
	"1.3.132.0.33":          "secp224r1",
	"1.2.840.10045.3.1.7":   "secp256r1",
	"1.3.132.0.34":          "secp384r1",
	"1.3.132.0.35":          "secp521r1",
	"1.3.36.3.3.2.8.1.1.3":  "brainpoolP192r1",
	"1.3.36.3.3.2.8.1.1.5":  "brainpoolP224r1",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.9":  "brainpoolP320r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

// OID is the curve's object identifier in dotted form.
func (c *Curve) OID() string {
	for oid, name := range oids {
		if name == c.Name {
			return oid
		}
	}
	return ""
}
