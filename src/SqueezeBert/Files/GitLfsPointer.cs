using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>Recognizes the small text that replaces a large file in a repository that was cloned without Git LFS.</summary>
internal static class GitLfsPointer
{
    /// <summary>Throws an exception if a file begins like such a pointer.</summary>
    /// <param name="file">The name of the file in the message.</param>
    /// <param name="start">The beginning of the file, at least 8 bytes if it has as many.</param>
    public static void Refuse(string file, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version "u8))
            throw new InvalidModelFileException(file, null, "is a Git LFS pointer, not the weights; fetch the file itself (git lfs pull)");
    }
}
