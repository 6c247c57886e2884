package pa_test

import (
	"testing"

	"optag/device/emrtd/pa"
)

func TestEveryAlgorithmOfTheWorld(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			s := issue(t, k)
			r := pa.Verify(s.files, trust(t, s.csca.Certificate), today)
			if r.Signature != pa.Good || r.Chain != pa.Good || r.Content != pa.Good || len(r.Findings) > 0 {
				t.Errorf("signature %v, chain %v, content %v\n%s", r.Signature, r.Chain, r.Content, found(r))
			}
			if r.CSCA() == nil || r.CSCA().String() != "CSCA Utopia, UT" || r.CSCA().Source != "test.cer" || r.Signer.String() != "Signer 7, UT" {
				t.Errorf("signed by %v under %v", r.Signer, r.CSCA())
			}
		})
	}
}
