using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SqueezeBert.Native;

/// <summary>Zero-terminated UTF-8, in and out.</summary>
internal static unsafe class NativeText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A text at an address that does not change while the array lives.</summary>
    public static byte[] Pinned(string text)
    {
        var bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>Where a pinned text is.</summary>
    public static byte* Address(byte[] pinned) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    /// <param name="text">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ArgumentException">It is null or no UTF-8.</exception>
    public static string Read(byte* text, string name)
    {
        if (text is null) throw new ArgumentException($"{name} is NULL");
        try
        {
            return Strict.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException($"{name} is not UTF-8: the byte at {e.Index}", e);
        }
    }

    /// <exception cref="ArgumentException">One is null or no UTF-8; the message has its index.</exception>
    public static string[] ReadAll(byte** texts, int count)
    {
        if (count < 0) throw new ArgumentException($"{count} is no number of texts");
        if (texts is null && count > 0) throw new ArgumentException("the texts are NULL");
        var read = new string[count];
        for (var i = 0; i < count; i++) read[i] = Read(texts[i], $"text {i}");
        return read;
    }
}
