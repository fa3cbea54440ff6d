/** Windows: {@code kernel32} and {@code DeviceIoControl}. Not exported; run against answers of Wine and recorded ones. */
package io.platter.nativeio.windows;
