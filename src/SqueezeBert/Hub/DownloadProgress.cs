namespace SqueezeBert.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file that is being fetched, as the model calls it.</param>
/// <param name="FileBytes">Bytes of it that are here, those of an earlier attempt included.</param>
/// <param name="FileSize">Its size; null if the server does not say.</param>
/// <param name="IsComplete">Whether it is whole, checked and in its place.</param>
public readonly record struct DownloadProgress(string File, long FileBytes, long? FileSize, bool IsComplete);
