using SqueezeBert.Files;

namespace SqueezeBert.Hub;

/// <summary>What came cannot be written: a matter of this machine, which another attempt over the network does not mend.</summary>
internal sealed class DestinationException(IOException inner) : IOException(FileProblem.Of(inner), inner);
