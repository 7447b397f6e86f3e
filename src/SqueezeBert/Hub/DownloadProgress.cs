namespace SqueezeBert.Hub;

/// <summary>The progress of a download.</summary>
/// <param name="File">The file that is being downloaded, by its name in the model.</param>
/// <param name="FileBytes">The number of bytes of the file that are present, including those of an earlier attempt.</param>
/// <param name="FileSize">The size of the file in bytes, or null if the server does not report it.</param>
/// <param name="IsComplete">Whether the file is complete, verified and stored under its name.</param>
public readonly record struct DownloadProgress(string File, long FileBytes, long? FileSize, bool IsComplete);
