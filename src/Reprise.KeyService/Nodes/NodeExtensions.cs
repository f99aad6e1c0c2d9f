namespace Reprise.KeyService.Nodes;

internal static class NodeExtensions
{
    public static void AddNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NodeRegistry>();
        builder.Services.AddSingleton<AcknowledgementWait>();
        builder.Services.AddSingleton<NodeKnowledge>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeKnowledge>());
    }
}
