namespace Reprise.KeyService.Nodes;

internal static class NodeExtensions
{
    public static void AddNodes(this WebApplicationBuilder builder) => builder.Services.AddSingleton<NodeRegistry>();
}
