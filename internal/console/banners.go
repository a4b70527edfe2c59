package console

import "context"

// fewAccounts are how many accounts a banner names.
const fewAccounts = 2

// banners are what every page says above its own part. A page is shown without them when
// they cannot be read.
func (c *Console) banners(ctx context.Context, f *frame) {
	f.Delaying = c.Operator.Delaying()
	broken, err := c.Operator.BrokenAccounts(ctx, fewAccounts)
	if err != nil {
		c.Log.Error("the accounts in error cannot be counted", "error", err)
		return
	}
	f.Broken = broken
}
