package main

import (
	"fmt"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/store"
)

var benchUsers = []campaign.User{{Key: "bench", Name: "Bench"}}

func benchAccounts(port int) []campaign.EmailAccount {
	return []campaign.EmailAccount{{Address: "office@bench.example", Name: "Bench", SMTP: campaign.SMTP{
		Host: "127.0.0.1", Port: port, TLS: campaign.TLSNone, Username: "office", Password: inbox.Password,
	}}}
}

// benchCampaigns are the ten campaigns of a dataset.
func benchCampaigns() (specs []store.CampaignSpec) {
	for i := range 10 {
		key := fmt.Sprintf("office-%d", i)
		specs = append(specs, store.CampaignSpec{Campaign: campaign.Campaign{
			Key: key, Name: key, Owner: "bench", Sender: "office@bench.example", Steps: []campaign.Step{email("intro")},
		}})
	}
	return specs
}
