namespace Reprise.KeyService.Rotation;

/// <summary>When keys are replaced, and how long they live.</summary>
internal sealed class RotationOptions
{
    public const string SectionName = "Rotation";

    /// <summary>
    /// Between rotations; one by hand starts it anew. 1 s to 7 days; default 12 h. An epoch that could not be replaced
    /// seals for twice this long, then no tickets are issued.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// How long an epoch opens after it has ceased to seal: beyond it tickets cost a full handshake. The exposure of a
    /// leaked key grows with it. At most 64 epochs live, so with an <see cref="Interval"/> that is much shorter the oldest end before
    /// their time. 1 s to 7 days; default 24 h.
    /// </summary>
    public TimeSpan DecryptLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long a rotation waits for live nodes to acknowledge, at each of its two steps; then it goes on and names the
    /// laggards. 100 ms to 5 min, and with <see cref="ActivationDelay"/> less than <see cref="Interval"/>. Default 10 s.
    /// </summary>
    public TimeSpan AcknowledgeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the decision to activate to the moment at which all nodes switch: time for the message to arrive, and for
    /// clocks to differ. 0 to 10 s; default 200 ms.
    /// </summary>
    public TimeSpan ActivationDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How soon after one activation an operator may ask for the next; the schedule, revocations and removed nodes do not wait. Keeps a
    /// loop in a script from filling the nodes with epochs. 0 to 1 h; default 1 s.
    /// </summary>
    public TimeSpan MinimumSpacing { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the revocation of the active epoch waits for live nodes to acknowledge its successor; then it is destroyed in any case,
    /// and a laggard cannot open what others seal until it catches up. 0 to 1 min; default 500 ms.
    /// </summary>
    public TimeSpan RevokeTimeout { get; set; } = TimeSpan.FromMilliseconds(500);
}
