package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func TestRates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10": "10/s", "10/s": "10/s", " 2.5 ": "150/m", "20/m": "20/m", "300/M": "5/s", "1000/h": "1000/h", "none": "none", "1e3": "1000/s",
		"0.12345": "0.123/s", "1/h": "1/h", "10000": "10000/s",
	} {
		rate, err := campaign.ParseRate(text)
		require.NoError(t, err, text)
		require.Equal(t, want, rate.String(), text)
	}
	for _, text := range []string{"", "0", "-1", "fast", "10/d", "10 a second", "NaN", "Inf", "10001", "0.5/h", "none/s", "/s"} {
		_, err := campaign.ParseRate(text)
		require.EqualError(t, err, `"`+text+`" is not a rate; `+campaign.ExpectedRate, text)
	}
}
