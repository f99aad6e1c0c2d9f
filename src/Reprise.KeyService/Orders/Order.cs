namespace Reprise.KeyService.Orders;

/// <summary>Who asks for a change, and under which idempotency key.</summary>
/// <param name="By">An identity, or "schedule".</param>
/// <param name="Key">Empty: none.</param>
internal readonly record struct Order(string By, string Key)
{
    /// <summary>Of this service's own.</summary>
    public static Order Schedule { get; } = new("schedule", "");

    /// <summary>To be noted with the change.</summary>
    public Core.Keys.Command ToCommand(string operation, long subject, DateTimeOffset now) => new(Key, By, operation, subject, now);
}
