using Reprise.KeyService.Purges;
using Reprise.KeyService.Removal;
using Reprise.KeyService.Revocation;
using Reprise.KeyService.Switches;

namespace Reprise.KeyService.Orders;

internal static class OrderExtensions
{
    /// <summary>What operators can have done, besides rotations.</summary>
    public static void AddOrders(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Revoker>();
        builder.Services.AddSingleton<Purger>();
        builder.Services.AddSingleton<Switcher>();
        builder.Services.AddSingleton<NodeRemover>();
    }
}
