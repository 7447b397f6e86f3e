namespace SqueezeBert.Extensions.Hosting;

/// <summary>That a host has a model, for who asks for all of them.</summary>
/// <param name="Key">The key of its services; null for the one without.</param>
internal sealed record ModelKey(string? Key);
