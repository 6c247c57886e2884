package ec_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"optag/device/emrtd/ec"
)

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

var names = []string{
	"secp192r1", "secp224r1", "secp256r1", "secp384r1", "secp521r1", "brainpoolP192r1", "brainpoolP224r1",
	"brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1",
}

func TestCurvesAreWhole(t *testing.T) {
	for i, name := range names {
		c := ec.ByName(name)
		if c == nil {
			t.Fatalf("%s is not known", name)
		}
		if !c.On(c.G) || !c.P.ProbablyPrime(20) || !c.N.ProbablyPrime(20) {
			t.Errorf("%s: its generator, field or order is wrong", name)
		}
		if !c.Multiply(c.G, c.N).Infinite() {
			t.Errorf("%s: N times G is not at infinity", name)
		}
		if ec.ByOID(c.OID()).Name != name || ec.ByDomain(c.P, c.A, c.B, c.G, c.N).Name != name {
			t.Errorf("%s: not found by its identifier or by its parameters", name)
		}
		k, err := c.Scalar(random(byte(i)))
		if err != nil {
			t.Fatal(err)
		}
		m, _ := c.Scalar(random(byte(i + 100)))
		left := c.Multiply(c.Multiply(c.G, k), m)
		right := c.Multiply(c.G, new(big.Int).Mul(k, m))
		if !left.Equal(right) || !c.On(left) {
			t.Errorf("%s: the two sides of a key agreement differ", name)
		}
		if x := left.X.FillBytes(make([]byte, c.Size())); !bytes.Equal(x, c.Agree(c.Multiply(c.G, k), m)) || !bytes.Equal(x, c.Agree(c.Multiply(c.G, m), k)) {
			t.Errorf("%s: the secret agreed on is not its x coordinate", name)
		}
		if c.Agree(c.G, c.N) != nil || c.Agree(c.G, new(big.Int)) != nil {
			t.Errorf("%s: a secret at infinity", name)
		}
		sum := c.Add(c.Multiply(c.G, k), c.Multiply(c.G, m))
		if !sum.Equal(c.Multiply(c.G, new(big.Int).Add(k, m))) {
			t.Errorf("%s: kG + mG is not (k+m)G", name)
		}
		if !c.Combine(k, left, m).Equal(c.Add(c.Multiply(c.G, k), c.Multiply(left, m))) {
			t.Errorf("%s: kG + mP is another than by parts", name)
		}
		if !c.Add(left, c.Negative(left)).Infinite() || !c.Add(left, ec.Point{}).Equal(left) || !c.Add(left, left).Equal(c.Multiply(left, big.NewInt(2))) {
			t.Errorf("%s: adding the negative, nothing or itself is wrong", name)
		}
		if p, err := c.Parse(c.Bytes(left)); err != nil || !p.Equal(left) {
			t.Errorf("%s: a point does not survive its bytes: %v", name, err)
		}
	}
}

// Doc 9303-11, appendix H.1: the point of the integrated mapping.
func TestPointEncodingOfTheWorkedExample(t *testing.T) {
	v, _ := new(big.Int).SetString("A2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E", 16)
	p, err := ec.ByName("brainpoolP256r1").Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%X %X", p.X, p.Y); got != "8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427 4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD" {
		t.Errorf("the point is %s", got)
	}
}

func TestEncodedPointsLieOnTheirCurve(t *testing.T) {
	for _, name := range names {
		c := ec.ByName(name)
		r := random(3)
		for range 6 { // either branch is taken every second time
			v, _ := c.Scalar(r)
			p, err := c.Encode(v)
			if name == "secp224r1" {
				if !errors.Is(err, ec.ErrPoint) {
					t.Errorf("%s: a point is made where there is no root: %v", name, err)
				}
			} else if err != nil || !c.On(p) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, v := range []*big.Int{new(big.Int), big.NewInt(1), new(big.Int).Sub(c.P, big.NewInt(1))} {
			if _, err := c.Encode(v); !errors.Is(err, ec.ErrPoint) {
				t.Errorf("%s: %v has a point: %v", name, v, err)
			}
		}
	}
}

// RFC 7027, appendix A: keys and secrets on the curves of RFC 5639.
func TestAgreementsOfRFC7027(t *testing.T) {
	for _, c := range []struct{ curve, a, qa, b, qb, secret string }{
		{"brainpoolP256r1", "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
			"44106E913F92BC02A1705D9953A8414DB95E1AAA49E81D9E85F929A8E3100BE5" + "8AB4846F11CACCB73CE49CBDD120F5A900A69FD32C272223F789EF10EB089BDC",
			"55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3",
			"8D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B" + "990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
			"89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B"},
		{"brainpoolP384r1", "1E20F5E048A5886F1F157C74E91BDE2B98C8B52D58E5003D57053FC4B0BD65D6F15EB5D1EE1610DF870795143627D042",
			"68B665DD91C195800650CDD363C625F4E742E8134667B767B1B476793588F885AB698C852D4A6E77A252D6380FCAF068" + "55BC91A39C9EC01DEE36017B7D673A931236D2F1F5C83942D049E3FA20607493E0D038FF2FD30C2AB67D15C85F7FAA59",
			"032640BC6003C59260F7250C3DB58CE647F98E1260ACCE4ACDA3DD869F74E01F8BA5E0324309DB6A9831497ABAC96670",
			"4D44326F269A597A5B58BBA565DA5556ED7FD9A8A9EB76C25F46DB69D19DC8CE6AD18E404B15738B2086DF37E71D1EB4" + "62D692136DE56CBE93BF5FA3188EF58BC8A3A0EC6C1E151A21038A42E9185329B5B275903D192F8D4E1F32FE9CC78C48",
			"0BD9D3A7EA0B3D519D09D8E48D0785FB744A6B355E6304BC51C229FBBCE239BBADF6403715C35D4FB2A5444F575D4F42"},
	} {
		curve := ec.ByName(c.curve)
		for _, side := range []struct{ secret, public, theirs string }{{c.a, c.qa, c.qb}, {c.b, c.qb, c.qa}} {
			k, _ := new(big.Int).SetString(side.secret, 16)
			if got := fmt.Sprintf("%X", curve.Bytes(curve.Multiply(curve.G, k))[1:]); got != side.public {
				t.Errorf("%s: public key %s", c.curve, got)
			}
			theirs, err := hex.DecodeString("04" + side.theirs)
			if err != nil {
				t.Fatal(err)
			}
			p, err := curve.Parse(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%X", curve.Agree(p, k)); got != c.secret {
				t.Errorf("%s: secret %s", c.curve, got)
			}
		}
	}
}

func TestParametersOfTR03110(t *testing.T) {
	for id, want := range map[int]string{8: "secp192r1", 12: "secp256r1", 13: "brainpoolP256r1", 15: "secp384r1", 16: "brainpoolP384r1", 17: "brainpoolP512r1", 18: "secp521r1"} {
		if c := ec.ByParameter(id); c == nil || c.Name != want {
			t.Errorf("parameter %d is not %s", id, want)
		}
	}
	for _, id := range []int{-1, 0, 2, 7, 19, 31} {
		if ec.ByParameter(id) != nil {
			t.Errorf("parameter %d is a curve", id)
		}
	}
}

// An attacker's card may send anything as its key.
func TestForeignPointsAreRefused(t *testing.T) {
	c := ec.ByName("brainpoolP256r1")
	good := c.Bytes(c.G)
	for name, b := range map[string][]byte{
		"nothing":              {},
		"infinity":             {0},
		"compressed":           append([]byte{2}, good[1:33]...),
		"one byte short":       good[:64],
		"one byte over":        append(bytes.Clone(good), 0),
		"off the curve":        append(bytes.Clone(good[:64]), good[64]^1),
		"both coordinates 0":   append([]byte{4}, make([]byte, 64)...),
		"coordinate over P":    append(append([]byte{4}, bytes.Repeat([]byte{0xff}, 32)...), good[33:]...),
		"of another curve":     ec.ByName("secp256r1").Bytes(ec.ByName("secp256r1").G),
		"of a shorter curve":   ec.ByName("secp192r1").Bytes(ec.ByName("secp192r1").G),
		"hybrid form":          append([]byte{6}, good[1:]...),
		"swapped coordinates ": append(append([]byte{4}, good[33:]...), good[1:33]...),
	} {
		if _, err := c.Parse(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSignatures(t *testing.T) {
	digest := sha256.Sum256([]byte("what is signed"))
	for i, name := range names {
		c := ec.ByName(name)
		secret, _ := c.Scalar(random(byte(i)))
		public := c.Multiply(c.G, secret)
		r, s, err := c.Sign(random(byte(i+50)), secret, digest[:])
		if err != nil || !c.Verify(public, digest[:], r, s) {
			t.Errorf("%s: a signature does not verify: %v", name, err)
		}
		other := sha256.Sum256([]byte("something else"))
		if c.Verify(public, other[:], r, s) || c.Verify(c.G, digest[:], r, s) || c.Verify(public, digest[:], s, r) ||
			c.Verify(public, digest[:], new(big.Int), s) || c.Verify(ec.Point{}, digest[:], r, s) ||
			c.Verify(public, digest[:], new(big.Int).Add(r, c.N), s) {
			t.Errorf("%s: a wrong signature verifies", name)
		}
	}
}

// The standard library and this package verify each other's signatures.
func TestSignaturesBesideTheStandardLibrary(t *testing.T) {
	digest := sha256.Sum256([]byte("what is signed"))
	for name, e := range map[string]elliptic.Curve{"secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521()} {
		c := ec.ByName(name)
		secret, _ := c.Scalar(random(9))
		public := c.Multiply(c.G, secret)
		theirs, err := ecdsa.ParseUncompressedPublicKey(e, c.Bytes(public))
		if err != nil {
			t.Fatal(err)
		}
		r, s, _ := c.Sign(random(10), secret, digest[:])
		if !ecdsa.Verify(theirs, digest[:], r, s) {
			t.Errorf("%s: the library refuses our signature", name)
		}
		key, err := ecdsa.ParseRawPrivateKey(e, secret.FillBytes(make([]byte, c.Size())))
		if err != nil {
			t.Fatal(err)
		}
		r, s, err = ecdsa.Sign(random(11), key, digest[:])
		if err != nil || !c.Verify(public, digest[:], r, s) {
			t.Errorf("%s: we refuse the library's signature: %v", name, err)
		}
	}
}

func BenchmarkMultiply(b *testing.B) {
	c := ec.ByName("brainpoolP256r1")
	k, _ := c.Scalar(random(1))
	for b.Loop() {
		c.Multiply(c.G, k)
	}
}
