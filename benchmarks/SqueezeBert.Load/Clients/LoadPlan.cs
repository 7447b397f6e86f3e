using System.Net;

namespace SqueezeBert.Load.Clients;

/// <summary>Requests of a kind, which take turns.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Share">How often, against the other kinds.</param>
/// <param name="Requests">The requests.</param>
internal sealed record RequestKind(string Name, double Share, IReadOnlyList<HttpRequest> Requests);

/// <summary>What is asked of a server, and how often.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Rate">Requests a second, of all kinds together.</param>
/// <param name="WarmUp">How long before it is measured.</param>
/// <param name="Duration">How long it is measured.</param>
/// <param name="Kinds">The kinds of requests.</param>
internal sealed record LoadPlan(IPEndPoint Server, double Rate, TimeSpan WarmUp, TimeSpan Duration, IReadOnlyList<RequestKind> Kinds);
