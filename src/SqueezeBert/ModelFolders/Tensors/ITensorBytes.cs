namespace SqueezeBert.ModelFolders.Tensors;

/// <summary>A source that can read parts of a tensor's stored bytes. Thread-safe.</summary>
internal interface ITensorBytes
{
    /// <summary>Reads stored bytes.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="offset">The offset from the first byte of the tensor.</param>
    /// <param name="destination">Receives the bytes. The range must be inside the tensor.</param>
    /// <exception cref="Checkpoints.InvalidModelFileException">The file cannot be read.</exception>
    void ReadBytes(string name, long offset, Span<byte> destination);
}
