namespace SqueezeBert.Load;

/// <summary>What is asked of a server, and how often.</summary>
/// <param name="Address">The route.</param>
/// <param name="Rate">Requests a second.</param>
/// <param name="Duration">How long.</param>
/// <param name="WarmUp">How long before it is measured.</param>
/// <param name="Words">Words of a text; requests take turns.</param>
/// <param name="Body">JSON with {} in the place of the text.</param>
/// <param name="Key">Sent with each request; null for none.</param>
internal sealed record LoadOptions(
    Uri Address, double Rate, TimeSpan Duration, TimeSpan WarmUp, IReadOnlyList<int> Words, string Body, string? Key);
