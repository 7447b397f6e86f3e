namespace SqueezeBert.Evaluation.Data;

/// <summary>The bytes of a file that is needed as a whole, up to a limit.</summary>
internal static class WholeFile
{
    /// <exception cref="DataFormatException">There is more than the limit, or compressed data is damaged.</exception>
    public static ReadOnlyMemory<byte> Read(Stream stream, string name, int maximumBytes, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(maximumBytes, 1 << 16) + 1];
        var length = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (length > maximumBytes) throw new DataFormatException(name, null, $"is larger than {maximumBytes >> 20} MiB");
            if (length == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, maximumBytes + 1L));
            int count;
            try
            {
                count = stream.Read(bytes.AsSpan(length));
            }
            catch (InvalidDataException exception)
            {
                throw new DataFormatException(name, null, "the compressed data is damaged or cut off", exception);
            }

            if (count == 0) return bytes.AsMemory(0, length);
            length += count;
        }
    }
}
