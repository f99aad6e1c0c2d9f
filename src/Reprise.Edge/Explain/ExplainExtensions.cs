using Reprise.KeyProtocol;

namespace Reprise.Edge.Explain;

internal static class ExplainExtensions
{
    /// <summary>Answers operators who ask what this node would do with a session.</summary>
    public static void AddExplain(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StoredSessionExplainer>();
        builder.Services.AddSingleton<ISessionExplainer, SessionExplainer>();
    }
}
