using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>The small text that stands for a large file in a repository that was cloned without Git LFS.</summary>
internal static class GitLfsPointer
{
    /// <summary>An error that says so if a file begins like a pointer.</summary>
    /// <param name="file">For the message.</param>
    /// <param name="start">At least the first 8 bytes of the file.</param>
    public static void Refuse(string file, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version "u8))
            throw new InvalidModelFileException(file, null, "is a Git LFS pointer, not the weights; fetch the file itself (git lfs pull)");
    }
}
