namespace SqueezeBert.ModelFolders.Tensors;

/// <summary>A source that can read the stored bytes of a tensor, a part at a time. Thread-safe.</summary>
internal interface ITensorBytes
{
    /// <summary>Reads stored bytes.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="offset">From its first byte.</param>
    /// <param name="destination">The range must lie in the tensor.</param>
    /// <exception cref="Checkpoints.InvalidModelFileException">The file cannot be read.</exception>
    void ReadBytes(string name, long offset, Span<byte> destination);
}
