namespace SqueezeBert.Extensions.Hosting;

/// <summary>Registers that a host has a model, for services that need all of them.</summary>
/// <param name="Key">The key of its services, or null for the model without a key.</param>
internal sealed record ModelKey(string? Key);
