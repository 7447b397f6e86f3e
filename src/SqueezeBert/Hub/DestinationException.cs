using SqueezeBert.Files;

namespace SqueezeBert.Hub;

/// <summary>
/// The downloaded bytes cannot be written. The cause is this machine, so another attempt over the network would not help.
/// </summary>
internal sealed class DestinationException(IOException inner) : IOException(FileProblem.Of(inner), inner);
