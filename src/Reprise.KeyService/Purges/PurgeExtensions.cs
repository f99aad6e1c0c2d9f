namespace Reprise.KeyService.Purges;

internal static class PurgeExtensions
{
    public static void AddPurges(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Purger>();
}
